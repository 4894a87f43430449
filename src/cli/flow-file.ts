import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { describeErrors, findTooDeep } from '../admin/check-schema.ts';
import { localDefinitions } from '../authenticators/definitions.ts';
import { federatedDefinition } from '../authenticators/federated/definition.ts';
import { commonParameters } from '../authenticators/parameters.ts';
import type { Flow, PublishedFlow } from '../login/flow.ts';
import { type AuthenticatorNames, createRegistry } from '../login/options.ts';
import { describeFunctions } from '../script-api/index.ts';
import { MailTemplate } from '../script-assets/mail-template.ts';
import { PromptTemplate } from '../script-assets/prompt-template.ts';
import type { Knowledge } from '../validator/knowledge.ts';
import { readJson, UsageError } from './terminal.ts';

const Pinned = <S extends TSchema>(template: S) =>
  Type.Object({ name: Type.String(), version: Type.Integer(), template });

/** What a script is for: a file `{"steps": […]}` with the templates that it uses, such as the `cases.json` beside a shipped script. */
const FlowFile = Type.Object({
  steps: Type.Array(
    Type.Object({
      options: Type.Array(
        Type.Union([Type.Object({ authenticator: Type.String() }), Type.Object({ idp: Type.String() })]),
        { minItems: 1 },
      ),
    }),
    { minItems: 1 },
  ),
  jitOff: Type.Optional(Type.Array(Type.String())),
  promptTemplates: Type.Optional(Type.Array(Pinned(PromptTemplate))),
  mailTemplates: Type.Optional(Type.Array(Pinned(MailTemplate))),
});

/** A flow as far as a file can tell it. */
export type FileFlow = Pick<PublishedFlow, 'steps' | 'promptTemplates' | 'mailTemplates'> & {
  /** Names of connections that make no accounts (Just-in-Time provisioning is off). */
  jitOff?: readonly string[];
};

const password: Flow['steps'][number] = { options: [{ authenticator: 'BasicAuthenticator' }] };

/** Without a file, two steps: a password, then a code. */
export const usualSteps: Flow['steps'] = [
  password,
  { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
];

/** @throws UsageError */
export function readFlow(file: string | undefined): FileFlow {
  if (file === undefined) return { steps: usualSteps };
  const { steps, jitOff = [], promptTemplates = [], mailTemplates = [] } = checkFile(FlowFile, readJson(file), file);
  return { steps, promptTemplates, mailTemplates, ...(jitOff.length > 0 ? { jitOff } : {}) };
}

/** @throws UsageError naming each place in the file. */
export function checkFile<const S extends TSchema>(schema: S, content: unknown, file: string): Static<S> {
  const tooDeep = findTooDeep(content);
  if (!tooDeep && Value.Check(schema, content)) return content as Static<S>;
  const findings = tooDeep ? [tooDeep] : describeErrors(Value.Errors(schema, content), content, 'content');
  throw new UsageError(findings.map(({ path, message }) => `${file} ${path || '/'}: ${message}`).join('\n'));
}

/** What can be known of a script away from its server: no connections. */
export const offlineKnowledge: Knowledge = {
  authenticators: localDefinitions.filter(({ unavailable }) => !unavailable),
  unavailableAuthenticators: localDefinitions.filter(({ unavailable }) => unavailable),
  commonParameters: Object.keys(commonParameters),
  connections: null,
  functions: describeFunctions(),
  libraries: null,
};

export const offlineAuthenticators: AuthenticatorNames = createRegistry(localDefinitions, federatedDefinition);
