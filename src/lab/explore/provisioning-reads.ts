import type { Read } from '../../../sandbox/protocol.ts';
import { changesWorld } from './call-answers.ts';
import { type Choice, takenOf } from './choices.ts';
import { hadAccountKey, type Provisioned, type ProvisionedNote } from './provisioning-answers.ts';
import type { StepAlternative } from './step-answers.ts';
import { type Described, keyOf, type Values } from './values.ts';

interface Source {
  provisioned: Provisioned | null;
  /** Did a step come after it in which provisioning could have done something? */
  isStale: boolean;
}

/** What a script finds where it looks at `steps[n].provisioning`, `null` where nothing has been said. */
export function describeProvisioning({ of }: Pick<Read, 'of'>, asked: readonly Choice[], values: Values): Described {
  const [step, , ...names] = of as [number, number, ...string[]];
  const { provisioned } = findSource(of, asked);
  const name = `context.steps[${step}].provisioning`;
  const [first = '*', second] = names;
  if (provisioned && (first === 'result' || first === '*' || (first === 'problem' && second !== 'detail'))) {
    return { name, key: provisioned.key, alternatives: provisioned.list(values), open: provisioned.open };
  }
  if (provisioned?.newcomer && first === 'userId') {
    const alternatives = [false, true].map((value) => ({ label: value ? 'an account' : 'null', value }));
    const key = hadAccountKey(provisioned.newcomer);
    return { name: `${name}.userId`, key, alternatives, open: 'which account it is is not a matter of cases' };
  }
  const shown = [name, ...names].join('.');
  const alternatives = [{ label: 'as it is', value: null }];
  return { name: shown, key: keyOf('provisioning', ...of), alternatives, open: 'any value may stand there' };
}

/** Does the script look at what provisioning did in a step, where it was taken for granted that it did nothing? */
export function looksCloser({ of }: Pick<Read, 'of'>, asked: readonly Choice[]): boolean {
  return findSource(of, asked).isStale;
}

function findSource(of: Read['of'], asked: readonly Choice[]): Source {
  const [step, told] = of as [number, number];
  let provisioned: Provisioned | null = null;
  let isStale = false;
  let answers = 0;
  for (const choice of asked) {
    if (choice.kind !== 'step') continue;
    const taken = takenOf(choice) as StepAlternative;
    answers += taken.note ? 2 : 1;
    if (answers > told) break;
    if (taken.mayProvide?.step === step && !taken.note) isStale = true;
    for (const each of taken.provisioned) {
      if (each.step !== step) continue;
      provisioned = each;
      isStale = false;
    }
  }
  return { provisioned, isStale };
}

/** What refused this person an account, and would do so again: nothing that the script did since has changed anything. */
export function findRefusal(asked: readonly Choice[], ref: string): ProvisionedNote | null {
  for (const choice of asked.toReversed()) {
    if (choice.kind === 'call' && changesWorld(choice)) return null;
    const note = choice.kind === 'step' ? (takenOf(choice) as StepAlternative).note : null;
    if (note?.ref === ref) return note.went === 'refused' && note.isFinal ? note : null;
  }
  return null;
}
