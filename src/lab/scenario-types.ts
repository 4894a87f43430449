import { type Static, type TSchema, Type } from 'typebox';
import type { ApplicationId } from '../kernel/ids.ts';
import { DryRunAnswer, Scenario } from './dry-run-types.ts';

const closed = { additionalProperties: false } as const;

/** The same schema with every property left to choice, and no others. */
function partOf(schema: TSchema): TSchema {
  const { properties, items, anyOf } = schema as TSchema & {
    properties?: Record<string, TSchema>;
    items?: TSchema;
    anyOf?: TSchema[];
  };
  if (properties) {
    const parts = Object.entries(properties).map(([name, of]) => [name, Type.Optional(partOf(of))] as const);
    return Type.Object(Object.fromEntries(parts), closed);
  }
  if (items) return Type.Array(partOf(items));
  return anyOf ? Type.Union(anyOf.map(partOf)) : schema;
}

const { outcome, steps, effects, provisioning, logs, trace, usage } = DryRunAnswer.properties;

/**
 * What must be in a dry run's answer. Objects match when they have what is written here, lists when they are as long and
 * each item matches.
 */
const Expectation = Type.Unsafe<Record<string, unknown>>({
  ...partOf(Type.Object({ outcome, steps, effects, provisioning, logs, trace, usage })),
  title: 'Expectation',
  description:
    'The part of a dry run’s answer that must match: objects by what is written here, lists by their length and each item.',
});

/** A scenario with what it proves. `cases.json` beside a shipped script is a list of them. */
export const StoredScenario = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: 'Unique among the flow’s scenarios.' }),
    scenario: Scenario,
    expect: Expectation,
  },
  { ...closed, title: 'StoredScenario' },
);
export type StoredScenario = Static<typeof StoredScenario>;

export const Difference = Type.Object(
  {
    path: Type.String({ description: 'Place in `expect`, as a JSON pointer.' }),
    expected: Type.Unknown(),
    found: Type.Optional(Type.Unknown({ description: 'Missing where the answer has nothing there.' })),
  },
  { title: 'Difference' },
);
export type Difference = Static<typeof Difference>;

export interface ScenarioResult {
  name: string;
  passes: boolean;
  /** Null where it was not played. */
  outcome: { result: string; code: string | null; message: string | null } | null;
  differences: Difference[];
}

/** The scenarios of applications' flows: one set beside what is being written, and one pinned with each version. */
export interface ScenarioStore {
  /** @param version null for those beside the draft */
  list(id: ApplicationId, version: number | null): Promise<StoredScenario[]>;
  replace(id: ApplicationId, version: number | null, items: readonly StoredScenario[]): Promise<void>;
  /** Sets in which this text may stand, whatever its case. */
  listWith(text: string): Promise<{ id: ApplicationId; version: number | null; items: StoredScenario[] }[]>;
}
