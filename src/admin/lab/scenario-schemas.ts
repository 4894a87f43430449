import { type Static, Type } from 'typebox';
import { Difference, StoredScenario } from '../../lab/scenario-types.ts';
import { closed, Findings, nullable } from '../schemas.ts';

export const ScenarioSet = Type.Object(
  { items: Type.Array(StoredScenario, { maxItems: 200 }) },
  { ...closed, title: 'ScenarioSet' },
);

/** What came of playing a flow's scenarios. */
export const ScenarioRun = Type.Object(
  {
    passes: Type.Boolean({ description: 'All of them.' }),
    passed: Type.Integer(),
    failed: Type.Integer(),
    items: Type.Array(
      Type.Object({
        name: Type.String(),
        passes: Type.Boolean(),
        outcome: nullable(
          Type.Object({ result: Type.String(), code: nullable(Type.String()), message: nullable(Type.String()) }),
          'Null where there was no time to play it.',
        ),
        differences: Type.Array(Difference),
        findings: Findings,
      }),
    ),
  },
  { title: 'ScenarioRun' },
);
export type ScenarioRun = Static<typeof ScenarioRun>;
