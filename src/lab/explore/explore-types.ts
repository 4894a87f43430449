import { type Static, Type } from 'typebox';
import { Scenario } from '../dry-run-types.ts';

/*
 * What exploring gives. The schemas are the types and the API reference at once.
 */

const nullable = <const S extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(schema: S) =>
  Type.Union([schema, Type.Null()]);

const place = {
  line: nullable(Type.Integer({ description: 'In the script, from 1.' })),
  column: nullable(Type.Integer()),
  library: Type.Optional(Type.String({ description: 'The script library that the place is in.' })),
};

const PathAnswer = Type.Object({
  kind: Type.Enum(['step', 'call', 'prompt', 'reads'], {
    description: '`reads` is something that the script looked at without calling a function.',
  }),
  name: Type.String({ description: 'The function, or what was read: `context.request.ip`.' }),
  args: Type.Array(Type.Unknown(), { description: 'Of a call: its arguments.' }),
  answer: Type.String({ description: 'The answer, as the graph’s edges name it.' }),
  of: Type.Integer({ description: 'How many answers were possible here.' }),
  ...place,
});
export type PathAnswer = Static<typeof PathAnswer>;

const PathOption = Type.Object({
  idp: Type.String(),
  authenticator: Type.String(),
  needsAccount: Type.Boolean(),
});

const PathStep = Type.Object({
  step: Type.Integer(),
  outcome: Type.Enum(['success', 'fail', 'abort', 'fallback']),
  idp: nullable(Type.String()),
  authenticator: nullable(Type.String()),
  proves: Type.Boolean({ description: 'Did it prove who the person is?' }),
  amr: Type.Array(Type.String(), { description: 'What passing it adds to `amr`.' }),
  needsAccount: Type.Boolean({ description: 'Was it passed with something that belongs to an account, such as TOTP?' }),
  account: Type.Union([Type.Enum(['local', 'federated', 'none']), Type.Null()], {
    description: 'Who passed it: a local person, somebody from a connection with an account here, or without one.',
  }),
  lacksAccount: Type.Boolean({ description: 'Does it offer what needs an account, to somebody who has none?' }),
  offered: Type.Array(PathOption, { description: 'Its options, after the script’s filter.' }),
  ...place,
});

const PathOutcome = Type.Object({
  result: Type.Enum(['success', 'failure', 'error', 'cut'], {
    description: '`error` is the script’s own fault; `cut` says that the path was not followed to its end.',
  }),
  code: nullable(Type.String()),
  message: nullable(Type.String()),
  ...place,
});

export const ExploredPath = Type.Object(
  {
    number: Type.Integer({ description: 'From 1, in the order of exploring.' }),
    answers: Type.Array(PathAnswer),
    steps: Type.Array(PathStep),
    subject: Type.Union([
      Type.Null(),
      Type.Object({
        step: Type.Integer(),
        idp: Type.String({ description: '`LOCAL`, or the name of a connection.' }),
        account: Type.Enum(['local', 'federated', 'none']),
      }),
    ]),
    outcome: PathOutcome,
    endsWithoutAccount: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'The script lets the person in, and provisioning, which their end alone needs, makes no account: all codes with which it may refuse. The outcome has the first.',
      }),
    ),
    acr: nullable(Type.String({ description: 'What the script chose as `context.selectedAcr`.' })),
    open: Type.Array(Type.Object({ what: Type.String(), why: Type.String(), ...place }), {
      description: 'Values on the path that stand for others, which were not tried.',
    }),
  },
  { title: 'ExploredPath', description: 'One way through the script: what it was answered, and what came of it.' },
);
export type ExploredPath = Static<typeof ExploredPath>;

const Cut = Type.Object({
  reason: Type.Enum(['loop', 'depth', 'paths', 'time', 'memory', 'busy', 'differs'], {
    description: 'The bound at which it was cut, or why a path could not be played.',
  }),
  message: Type.String(),
  paths: Type.Integer({ description: 'How many paths end here for this reason.' }),
  ...place,
});
export type Cut = Static<typeof Cut>;

const GraphNode = Type.Object({
  id: Type.Integer(),
  kind: Type.Enum(['start', 'step', 'call', 'prompt', 'reads', 'end']),
  title: Type.String({ description: '`Step 1`, `hasRole`, `context.request.ip`, `signed in`.' }),
  detail: Type.String({ description: 'The options of a step, the arguments of a call, the code of an end.' }),
  ...place,
});

export const Graph = Type.Object(
  {
    nodes: Type.Array(GraphNode),
    edges: Type.Array(
      Type.Object({
        from: Type.Integer(),
        to: Type.Integer(),
        answers: Type.Array(Type.String(), { description: 'What was answered, on any path that goes here.' }),
        paths: Type.Integer(),
      }),
    ),
  },
  { title: 'ExploredGraph', description: 'For drawing: what is asked, and where each answer leads.' },
);
export type Graph = Static<typeof Graph>;

const Places = Type.Array(Type.Object({ line: Type.Integer(), column: Type.Integer() }));

export const Coverage = Type.Object(
  {
    lines: Type.Object({
      total: Type.Integer(),
      visited: Type.Integer(),
      missed: Type.Array(Type.Integer(), { description: 'Lines of the script that no path came to.' }),
    }),
    branches: Type.Object({ total: Type.Integer(), visited: Type.Integer(), missed: Places }),
  },
  { title: 'ExploredCoverage' },
);
export type Coverage = Static<typeof Coverage>;

const Failing = Type.Object({
  path: Type.Integer({ description: 'The shortest of them.' }),
  paths: Type.Integer(),
  code: Type.String(),
  message: Type.String(),
  ...place,
});

export const PropertyScript = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    script: Type.String({
      minLength: 1,
      maxLength: 20_000,
      description:
        'A function of a path that returns true or false: `(path) => path.outcome.result !== "success" || path.steps.length > 1`. It runs in the sandbox.',
    }),
  },
  { additionalProperties: false, title: 'Property', description: 'What is to be true of every path.' },
);
export type PropertyScript = Static<typeof PropertyScript>;

const Counterexample = Type.Object({
  path: Type.Integer({ description: 'The number of the shortest path that breaks it.' }),
  scenario: Type.Optional(Scenario),
});

export const PropertyVerdict = Type.Object(
  {
    name: Type.String(),
    source: Type.Enum(['built-in', 'rule', 'own']),
    holds: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'True and false are proven. Null: no path breaks it, and not all paths were tried.',
    }),
    verdict: Type.String({ description: '`holds`, `broken`, `not found broken in 120 paths`, or `not asked`.' }),
    counterexample: Type.Union([Counterexample, Type.Null()]),
    problem: Type.Union(
      [Type.Null(), Type.Object({ code: Type.String(), message: Type.String(), path: nullable(Type.Integer()) })],
      { description: 'Why the property could not be asked: it throws, loops, or is no function.' },
    ),
  },
  { title: 'PropertyVerdict' },
);
export type PropertyVerdict = Static<typeof PropertyVerdict>;

export const Exploration = Type.Object(
  {
    complete: Type.Boolean({
      description:
        'Are these all paths? Not when one is open or cut: then nothing is proven of those that are missing.',
    }),
    method: Type.String({ description: 'In a sentence: what was done, and how far it goes.' }),
    open: Type.Array(Type.Object({ what: Type.String(), why: Type.String(), paths: Type.Integer(), ...place })),
    cut: Type.Array(Cut),
    pathCount: Type.Integer(),
    paths: Type.Array(ExploredPath),
    graph: Graph,
    tree: Graph,
    coverage: Coverage,
    unreachableSteps: Type.Array(Type.Integer(), { description: 'Steps of the flow that no path comes to.' }),
    properties: Type.Array(PropertyVerdict),
    failing: Type.Array(Failing, { description: 'Paths on which the script itself breaks, by what breaks.' }),
  },
  { title: 'Exploration' },
);
export type Exploration = Static<typeof Exploration>;
