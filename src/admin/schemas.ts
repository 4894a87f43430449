import { type Static, type TSchema, Type } from 'typebox';
import { examples } from './examples.ts';

export const closed = { additionalProperties: false } as const;

/** A text or null, a number or null. */
export function nullable<S extends TSchema>(schema: S, description?: string) {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
}

export const Id = Type.String({ minLength: 1, maxLength: 100, description: 'Opaque.' });
/** Of a role, a group and the like. */
export const Name = Type.String({ minLength: 1, maxLength: 200 });
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, in UTC.' });
export const Revision = Type.Integer({ description: 'Counts the changes; the ETag.' });

export const ById = Type.Object({ id: Id });

export const Page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'How many at most.' })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before.' })),
};

export const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'The ETag that was read. Has the resource changed since, nothing is written (412).' }),
  ),
});

export const FindingSchema = Type.Object(
  {
    severity: Type.Enum(['error', 'warning', 'info']),
    code: Type.String(),
    message: Type.String(),
    line: nullable(Type.Integer(), 'Place in the script, from 1; null where it is about something else.'),
    column: nullable(Type.Integer()),
    endLine: nullable(Type.Integer()),
    endColumn: nullable(Type.Integer()),
    path: Type.Optional(Type.String({ description: 'Place in the content or in the flow, as a JSON pointer.' })),
    mend: Type.Optional(Type.String({ description: 'What to do about it.' })),
  },
  { title: 'Finding' },
);
export const Findings = Type.Array(FindingSchema);

export function ListOf<S extends TSchema>(item: S) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: 'There is more: send it as `cursor`.' })),
  });
}

const FlowOptionSchema = Type.Object(
  {
    authenticator: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'Name or alias of an authenticator.' }),
    ),
    idp: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Name of a connection.' })),
  },
  { ...closed, minProperties: 1, maxProperties: 1, description: 'Either `authenticator` or `idp`.' },
);

export const Steps = Type.Array(
  Type.Object({ options: Type.Array(FlowOptionSchema, { minItems: 1, maxItems: 10 }) }, closed),
  {
    minItems: 1,
    maxItems: 20,
    description: 'Steps count from 1 in their order. A step is passed by one of its options.',
  },
);
export const Script = nullable(
  Type.String(),
  'JavaScript with a function onLoginRequest; as long as STEPGATE_SCRIPT_BYTES allows (100 kB). Null: there is none.',
);

export const SignInFlow = Type.Object(
  {
    steps: Steps,
    script: Type.Optional(Script),
    scriptEnabled: Type.Optional(
      Type.Boolean({ description: 'False: the steps run one after the other. Default: true where there is a script.' }),
    ),
  },
  { ...closed, title: 'SignInFlow', examples: [examples.signInFlow] },
);
export type SignInFlow = Static<typeof SignInFlow>;

/** To let a flow go live against rules and scenarios. */
export function forceOf(description: string) {
  const reason = Type.String({ minLength: 1, maxLength: 1000, description: 'For the audit log.' });
  return Type.Optional(Type.Object({ reason }, { ...closed, description }));
}

/** A flow as the API gives it. */
export const FlowView = Type.Object({ steps: Steps, script: Script, scriptEnabled: Type.Boolean() }, { title: 'Flow' });
