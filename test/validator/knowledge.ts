import type { FlowOption, FlowStep, PublishedFlow } from '../../src/login/flow.ts';
import { describeFunctions } from '../../src/script-api/index.ts';
import type { Finding } from '../../src/validator/finding.ts';
import type { Knowledge } from '../../src/validator/knowledge.ts';
import { validateFlow } from '../../src/validator/validate.ts';

/** A server with three connections: «Google», with JIT provisioning, «Partner IdP», without, and «Guests», which links alone. */
export const knowledge: Knowledge = {
  authenticators: [
    {
      name: 'BasicAuthenticator',
      aliases: ['basic'],
      label: 'Username and password',
      needsAccount: false,
      parameters: ['username', 'password'],
    },
    {
      name: 'totp',
      aliases: [],
      label: 'TOTP',
      needsAccount: true,
      parameters: ['enrolUserInAuthenticationFlow'],
    },
    {
      name: 'email-otp-authenticator',
      aliases: ['EmailOTP'],
      label: 'Email OTP',
      needsAccount: true,
      parameters: ['notificationTemplate'],
    },
  ],
  commonParameters: ['enableRetryFromAuthenticator'],
  unavailableAuthenticators: [
    { name: 'FIDOAuthenticator', aliases: ['fido'], label: 'Passkey', needsAccount: true, parameters: [] },
  ],
  connections: [
    {
      name: 'Google',
      authenticator: 'GoogleOIDCAuthenticator',
      enabled: true,
      accounts: 'always',
      parameters: ['login_hint'],
    },
    {
      name: 'Partner IdP',
      authenticator: 'OpenIDConnectAuthenticator',
      enabled: true,
      accounts: 'never',
      parameters: ['login_hint', 'branch'],
    },
    {
      name: 'Guests',
      authenticator: 'OpenIDConnectAuthenticator',
      enabled: true,
      accounts: 'if-linked',
      parameters: ['login_hint'],
    },
    {
      name: 'Old',
      authenticator: 'OpenIDConnectAuthenticator',
      enabled: false,
      accounts: 'always',
      parameters: ['login_hint'],
    },
  ],
  functions: [
    ...describeFunctions(),
    {
      name: 'oldRole',
      minArguments: 0,
      maxArguments: 0,
      parameters: [],
      deprecated: 'Use hasRole.',
      result: 'boolean',
    },
  ],
  names: { role: ['admin', 'manager'], 'application role': ['approver'], secret: ['RISK_KEY'] },
  promptTemplates: [{ name: 'terms', version: 1, template: { title: 'Terms' } }],
  mailTemplates: [{ name: 'new-device', version: 1, template: { subject: 'Hello', text: ['Hello.'] } }],
  libraries: [
    { name: 'roles.js', version: 1, source: 'exports.isStaff = function (user) { return hasRole(user, "staff"); };' },
  ],
};

/** Step 1: password or «Partner IdP»; step 2: TOTP or a mailed code. */
export const steps: FlowStep[] = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Partner IdP' }] },
  { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
];

/** The findings of a script, with the two steps above unless others are given. */
export function findingsOf(script: string | null, changed: Partial<PublishedFlow> = {}, known = knowledge): Finding[] {
  return validateFlow({ steps, script, scriptEnabled: script !== null, ...changed }, known);
}

/** A script with this body in onSuccess of step 1. */
export function afterStep1(body: string): string {
  return `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    ${body}
  } });
};`;
}

export function stepsOf(...options: FlowOption[][]): FlowStep[] {
  return options.map((each) => ({ options: each }));
}

/** What a finding is about: the text at its place, or the path in the flow; null for neither. */
export function readAt({ path, line, column, endLine, endColumn }: Finding, script: string | null): string | null {
  if (path !== undefined) return path;
  if (script === null || line === null || column === null || endLine === null || endColumn === null) return null;
  const lines = script.split('\n').slice(line - 1, endLine);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, endColumn - 1);
  lines[0] = lines[0]!.slice(column - 1);
  return lines.join('\n');
}
