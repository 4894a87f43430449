import type { Program } from 'acorn';
import { localIdp } from '../kernel/local-idp.ts';
import { filterOffered } from './check-authentication-options.ts';
import { runsSteps } from './check-execute-step.ts';
import { type ExecuteStepCall, readExecuteStep } from './execute-step.ts';
import { createFinding, type Finding, type Span } from './finding.ts';
import type { OfferedOption } from './offered.ts';
import { spanOf } from './parse-script.ts';
import { createOwners } from './reach/owners.ts';
import { playScript, type Scheduled, TooManyWays } from './reach/play-script.ts';
import { allMissed, beginTurn, maxOptions, notRun, passedWith, replaceAt, type State } from './reach/state.ts';
import { readConstant, readProperties, type ScriptIndex } from './script-index.ts';

/**
 * Finds the ways on which a person without an account comes to a factor that needs one. Without a script every step comes
 * after all before it; a script is played on all of its ways at once.
 */
export function checkAccounts(
  options: readonly OfferedOption[][],
  script: { program: Program; index: ScriptIndex } | null,
  libraries: readonly ScriptIndex[] = [],
): Finding[] {
  const offered = script && skipsProvisioning(script.index) ? options.map(withoutAccounts) : options;
  const concerned = offered.some((options) => options.some((option) => option.accountless));
  if (!concerned || !offered.some((options) => options.some((option) => option.needsAccount))) return [];
  if (!script || offered.some((options) => options.length > maxOptions))
    return followSteps(offered, 'no script decides');
  if (libraries.some(runsSteps)) return followSteps(offered, 'a library of the script runs steps');
  try {
    return followScript(offered, script);
  } catch (error) {
    if (error instanceof TooManyWays) return followSteps(offered, 'the script has too many ways');
    throw error;
  }
}

/** May the script keep people from getting an account (`provisionUser: 'false'`)? From then on, in the whole sign-in. */
function skipsProvisioning(index: ScriptIndex): boolean {
  return index.calls.some(({ name, node }) => {
    if (name !== 'executeStep') return false;
    const { options } = readExecuteStep(node, index);
    const stepOptions = options && readProperties(options, index)?.properties.get('stepOptions');
    const wish = stepOptions && readProperties(stepOptions.value, index)?.properties.get('provisionUser');
    return wish !== undefined && wish !== null && String(readConstant(wish.value, index)) === 'false';
  });
}

function withoutAccounts(options: readonly OfferedOption[]): OfferedOption[] {
  return options.map((one) => (one.idp === localIdp ? one : { ...one, accountless: one.accountless ?? 'skipped' }));
}

function followSteps(
  offered: readonly OfferedOption[][],
  why: 'no script decides' | 'the script has too many ways' | 'a library of the script runs steps',
): Finding[] {
  const source = `This is read from the flow: ${why}.`;
  return offered.flatMap((options, step) => {
    const factors = options.filter((option) => option.needsAccount);
    const before = offered.slice(0, step);
    return before.flatMap((earlier, from) =>
      earlier
        .filter((option) => option.accountless && factors.length > 0)
        .map((connection) => warn({ connection, from, factors, step, source, place: { path: `/steps/${step}` } })),
    );
  });
}

function followScript(
  offered: readonly OfferedOption[][],
  { program, index }: { program: Program; index: ScriptIndex },
): Finding[] {
  const findings = new Map<string, Finding>();
  const reader = { index, offered, ownerOf: createOwners(program) };

  playScript(program, {
    reader,
    schedule(call, step, state): Scheduled {
      const options = offered[step] ?? [];
      const filtered = filterOptions(call, options);
      report(call, step, filtered, state);
      const base = beginTurn(state, offered);
      const passed = options.reduce((bits, option, i) => (filtered.includes(option) ? bits | passedWith(i) : bits), 0);
      const missed = notRun | allMissed(options);
      const atSuccess: State = {
        ...base,
        seen: replaceAt(base.seen, step, passed),
        people: replaceAt(base.people, step, (base.people[step] ?? 0) | passed),
      };
      const otherwise: State = { ...base, seen: replaceAt(base.seen, step, missed) };
      return {
        turns: (handler) => (handler !== 'onSuccess' ? otherwise : passed === 0 ? null : atSuccess),
        ran: replaceAt(
          offered.map(() => 0),
          step,
          passed | missed,
        ),
      };
    },
  });
  return [...findings.values()];

  function filterOptions(call: ExecuteStepCall, options: readonly OfferedOption[]): readonly OfferedOption[] {
    const filter = call.options && readProperties(call.options, index)?.properties.get('authenticationOptions');
    return filterOffered(options, filter?.value, index);
  }

  function report(call: ExecuteStepCall, step: number, options: readonly OfferedOption[], state: State): void {
    const factors = options.filter((option) => option.needsAccount);
    if (factors.length === 0) return;
    offered.forEach((earlier, from) => {
      const may = (state.people[from] ?? 0) | (state.waiting[from] ?? 0);
      earlier.forEach((connection, i) => {
        if (from === step || !connection.accountless || !(may & passedWith(i))) return;
        const place = { span: spanOf(call.node) };
        const source = 'This is read from the script’s text, without running it.';
        const finding = warn({ connection, from, factors, step, source, place });
        findings.set(`${call.node.start} ${from} ${i} ${step}`, finding);
      });
    });
  }
}

function warn(of: {
  connection: OfferedOption;
  from: number;
  factors: readonly OfferedOption[];
  step: number;
  source: string;
  place: { span: Span } | { path: string };
}): Finding {
  const { connection, from, factors, step, source, place } = of;
  const names = new Intl.ListFormat('en').format(factors.map(({ label }) => `«${label}»`));
  const why = connection.accountless ?? 'never';
  const belong = factors.length === 1 ? 'belongs' : 'belong';
  return createFinding(
    'ACCOUNT_REQUIRED',
    `Step ${from + 1} offers connection «${connection.idp}», ${reasons[why].cause} Such a person can come to step ${step + 1}, where ${names} ${belong} to an account: the sign-in fails there. ${source}`,
    {
      ...place,
      mend: `${mendLack(connection.idp, why)}, or skip the factor in the script for people without an account: if (context.steps[${from + 1}].idp == 'LOCAL') { executeStep(${step + 1}); }`,
    },
  );
}

/** What to change of a connection (or of the script) so that its people have an account. */
export function mendLack(connection: string, why: NonNullable<OfferedOption['accountless']>): string {
  return reasons[why].mend(connection);
}

const reasons: Record<
  NonNullable<OfferedOption['accountless']>,
  { cause: string; mend(connection: string): string }
> = {
  never: {
    cause: 'which signs people in without an account (JIT provisioning is off).',
    mend: (connection) => `Turn JIT provisioning on for «${connection}»`,
  },
  'if-linked': {
    cause: 'which makes no account for people whom no linking rule fits (skipJitOnNoMatch).',
    mend: (connection) => `Turn jit.linking.skipJitOnNoMatch off for «${connection}»`,
  },
  skipped: {
    cause: 'and the script lets people in without an account (provisionUser is false).',
    mend: () => 'Leave provisionUser out',
  },
};
