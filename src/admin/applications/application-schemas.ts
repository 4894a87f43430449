import { type Static, Type } from 'typebox';
import type { Application } from '../../applications/application.ts';
import { examples } from '../examples.ts';
import { closed, Findings, forceOf, Id, nullable, Revision, SignInFlow, Time } from '../schemas.ts';

const name = Type.String({ minLength: 1, maxLength: 100, pattern: '^\\S(.*\\S)?$', description: 'Unique.' });
const uris = (description: string, minItems: number) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), {
    minItems,
    maxItems: 50,
    uniqueItems: true,
    description,
  });
const redirectUris = uris('Where people are sent back to. Compared as texts; https, or http on a loopback address.', 1);
const postLogoutRedirectUris = uris('Where people may be sent after signing out.', 0);
const backchannelLogoutUri = nullable(
  Type.String({ minLength: 1, maxLength: 2000 }),
  'Where the application is told, by a logout token (OpenID Connect Back-Channel Logout 1.0), that a session is over, however it ended. https, or http on a loopback address; null: nowhere.',
);
const backchannelLogoutSessionRequired = Type.Boolean({
  description:
    'Do id_tokens and logout tokens name the session (`sid`)? Otherwise all sessions that the person has at the application are over with one. Default: true.',
});
const consent = Type.Enum(['ask', 'skip'], {
  description: 'Are people asked before their data goes to the application? Default: ask.',
});

const ruleName = { minLength: 1, maxLength: 200 };
const RuleName = Type.String(ruleName);
const signInRules = Type.Array(
  Type.Union([
    Type.Object(
      {
        kind: Type.Literal('two-factors'),
        people: Type.Enum(['local', 'all'], { description: '`local`: those who did not come from a connection.' }),
      },
      { ...closed, description: 'Proofs of two kinds, or a trusted `amr` of the identity provider that says so.' },
    ),
    Type.Object(
      {
        kind: Type.Literal('group-factor'),
        group: Type.String({ ...ruleName, description: 'Its name.' }),
        authenticators: Type.Array(RuleName, { minItems: 1, maxItems: 20, description: 'One of these is passed.' }),
      },
      { ...closed, description: 'What members of a group need, be it the account’s or the identity provider’s.' },
    ),
    Type.Object(
      {
        kind: Type.Literal('connections'),
        allowed: Type.Array(RuleName, {
          minItems: 1,
          maxItems: 100,
          description: 'Names of connections, and `LOCAL`.',
        }),
      },
      { ...closed, description: 'Nobody proves who they are in another way.' },
    ),
  ]),
  {
    maxItems: 20,
    description:
      'What every sign-in must fulfil, whatever the script does. Explored before a flow is published, and checked at the end of every sign-in. A change counts at once.',
  },
);

export const NewApplication = Type.Object(
  {
    name,
    redirectUris,
    postLogoutRedirectUris: Type.Optional(postLogoutRedirectUris),
    backchannelLogoutUri: Type.Optional(backchannelLogoutUri),
    backchannelLogoutSessionRequired: Type.Optional(backchannelLogoutSessionRequired),
    clientType: Type.Enum(['public', 'confidential'], {
      description:
        'Confidential applications get a client secret; public ones (in browsers, on phones) cannot keep one.',
    }),
    consent: Type.Optional(consent),
    signInRules: Type.Optional(signInRules),
    signInFlow: Type.Optional(SignInFlow),
    force: forceOf('Publish the flow although it breaks a rule of the application.'),
  },
  { ...closed, title: 'NewApplication', examples: [examples.newApplication] },
);
export type NewApplication = Static<typeof NewApplication>;

export const ApplicationPatch = Type.Object(
  {
    name: Type.Optional(name),
    redirectUris: Type.Optional(redirectUris),
    postLogoutRedirectUris: Type.Optional(postLogoutRedirectUris),
    backchannelLogoutUri: Type.Optional(backchannelLogoutUri),
    backchannelLogoutSessionRequired: Type.Optional(backchannelLogoutSessionRequired),
    consent: Type.Optional(consent),
    disabled: Type.Optional(Type.Boolean({ description: 'Nobody can sign in to it.' })),
    signInRules: Type.Optional(signInRules),
  },
  { ...closed, title: 'ApplicationPatch', examples: [examples.applicationPatch] },
);

export const ApplicationView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    clientId: Type.String(),
    clientType: Type.Enum(['public', 'confidential']),
    redirectUris: Type.Array(Type.String()),
    postLogoutRedirectUris: Type.Array(Type.String()),
    backchannelLogoutUri: nullable(Type.String()),
    backchannelLogoutSessionRequired: Type.Boolean(),
    consent: Type.Enum(['ask', 'skip']),
    disabled: Type.Boolean(),
    signInRules,
    liveVersion: nullable(
      Type.Integer(),
      'The version of the flow that new sign-ins begin with; null: nobody can sign in.',
    ),
    hasDraft: Type.Boolean({ description: 'Are there changes of the flow that are not published?' }),
    createdAt: Time,
    updatedAt: Time,
    revision: Revision,
  },
  { title: 'Application' },
);
export type ApplicationView = Static<typeof ApplicationView>;

export const ClientSecret = Type.String({ description: 'Told once, here; only its hash is kept.' });

export const CreatedApplication = Type.Interface(
  [ApplicationView],
  { clientSecret: Type.Optional(ClientSecret), findings: Findings },
  { title: 'CreatedApplication' },
);

export function showApplication(application: Application): ApplicationView {
  const { clientSecretHash: _, draft, createdAt, updatedAt, ...rest } = application;
  return {
    ...rest,
    hasDraft: draft !== null,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
