import { localIdp } from '../../kernel/local-idp.ts';
import type { ScenarioAttempt, StatedResult } from '../dry-run-types.ts';
import { type Choice, takenOf } from './choices.ts';
import type { EndRefusal } from './end-refusal.ts';
import type { ProvisionedNote } from './provisioning-answers.ts';
import { findRefusal } from './provisioning-reads.ts';
import type { StepAlternative } from './step-answers.ts';
import type { Values } from './values.ts';

/*
 * A dry run provides whenever a step is entered by what needs an account. A path tells it apart only where that makes a
 * difference, so where it says nothing a scenario has to say what does not lead elsewhere.
 */

/** What provisioning comes to on the rest of the path, for whoever passed this step; nothing where a dry run finds it itself. */
export function statedOf(
  choice: Choice,
  {
    rest,
    endRefusal,
    values,
    isKnown,
  }: { rest: readonly Choice[]; endRefusal: EndRefusal | null; values: Values; isKnown: boolean },
): Pick<ScenarioAttempt, 'provisioning'> {
  const { told, answer } = takenOf(choice) as StepAlternative;
  if (told.outcome !== 'success' || told.account === null || told.account === 'local') return {};
  const { user } = answer(values) as { user: string };
  const entered = rest.flatMap((each) => {
    const taken = each.kind === 'step' ? (takenOf(each) as StepAlternative) : null;
    return taken?.mayProvide?.ref === user && provides(taken) ? [taken] : [];
  });
  const state = (note: ProvisionedNote) => note.chosen(values) as StatedResult;
  const results = entered.map((taken, i): StatedResult => {
    const next = entered.slice(i).find(({ note }) => note)?.note;
    if (taken.note) return state(taken.note);
    if (taken.told.outcome === 'abort') return { result: 'cancelled' };
    return state(next?.went === 'refused' ? next : taken.mayProvide!);
  });
  const last = entered.at(-1);
  // Whoever was refused may be let in when it is tried again: at the end, if not before.
  if (last?.note?.went === 'refused' && !findRefusal(rest, user)) {
    // What the path says of this step is the refusal.
    results.push(last.mayProvide!.list(values)[0]!.value as StatedResult);
  }
  if (endRefusal?.ref === user) results.push({ result: endRefusal.result, code: endRefusal.code });
  const isPlain = !isKnown && results.every(({ result }) => result === 'created');
  return isPlain || results.length === 0 ? {} : { provisioning: results };
}

/** The way that somebody chose first, where provisioning was asked in a step that they passed by another. */
export function leftOf({ told, note }: StepAlternative): Pick<ScenarioAttempt, 'choseFirst'> {
  const left = note && !told.needsAccount ? told.offered.find(({ needsAccount }) => needsAccount) : null;
  return left ? { choseFirst: left.authenticator } : {};
}

/** By which option a step was missed, where that decides whether an account was needed. */
export function wayOf({ told, note, mayProvide }: StepAlternative): Pick<ScenarioAttempt, 'idp' | 'authenticator'> {
  const { offered } = told;
  if (!mayProvide || offered.length < 2) return {};
  const option = offered.find(({ needsAccount }) => needsAccount === (note !== null));
  if (!option) return {};
  return option.idp === localIdp ? { authenticator: option.authenticator } : { idp: option.idp };
}

export function provides({ told, note }: StepAlternative): boolean {
  if (note) return true;
  if (told.outcome === 'success') return told.needsAccount;
  return told.offered.every(({ needsAccount }) => needsAccount);
}
