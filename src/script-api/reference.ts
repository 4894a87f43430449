import { type Limits, outcomes } from '../../sandbox/protocol.ts';
import { valueTypes } from '../../sandbox/value-types.ts';
import type { ScriptFunction } from './definition.ts';
import { describeDryRun, dryRunOf, fakeOf } from './dry-run.ts';
import { scriptFunctions } from './index.ts';
import { scriptObjects } from './objects.ts';
import { describeLimits, handlerNamesOf, limitsOf, verdictRules } from './rules.ts';

/** An authenticator, as far as a script may set something for it. */
export interface DescribedAuthenticator {
  name: string;
  aliases: readonly string[];
  label: string;
  parameters: readonly { name: string; summary: string }[];
  available: boolean;
}

function readDryRun(fn: ScriptFunction) {
  const { stated, unstated, recorded } = dryRunOf(fn);
  return { summary: describeDryRun(fn), stated, unstated: fakeOf(fn) ? ('fake' as const) : unstated, recorded };
}

/** Everything that a script may say, and what then happens: made from the definitions alone. */
export function describeScriptApi({
  limits,
  authenticators,
}: {
  limits?: Limits;
  authenticators: readonly DescribedAuthenticator[];
}) {
  return {
    functions: [...scriptFunctions.values()]
      .filter(({ internal }) => !internal)
      .map((fn) => ({
        name: fn.name,
        group: fn.group,
        summary: fn.summary,
        aliases: fn.aliases ?? [],
        deprecated: fn.deprecated ?? null,
        effect: fn.effect,
        parameters: fn.parameters.map(({ name, type, summary, optional = false, most = null }) => ({
          name,
          type: valueTypes[type].typescript,
          expected: valueTypes[type].expected,
          summary,
          optional,
          most,
        })),
        tenantInFront: fn.tenantInFront ?? false,
        handlers: fn.handlers ? { given: fn.handlers, names: handlerNamesOf(fn) } : null,
        limits: limitsOf(fn),
        ownLimits: Object.entries(fn.limits ?? {}).map(([name, limit]) => ({ name, ...limit })),
        dryRun: readDryRun(fn),
        result: { type: fn.result.typescript, summary: fn.result.summary },
        example: fn.example,
      })),
    objects: scriptObjects,
    authenticators,
    outcomes: Object.entries(outcomes).map(([outcome, rule]) => ({ outcome, ...rule })),
    verdicts: Object.entries(verdictRules).map(([rule, summary]) => ({ rule, summary })),
    limits: describeLimits(limits),
  };
}

export type ScriptReference = ReturnType<typeof describeScriptApi>;
