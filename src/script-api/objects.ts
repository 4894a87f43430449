/** What a script may do with a member of an object. Writing one that is only read changes nothing, and is logged. */
export type Access = 'read' | 'write' | 'write and delete';

export interface ObjectMember {
  name: string;
  /** As the editor's typings say it. */
  typescript: string;
  access: Access;
  summary: string;
  /** What to do rather than write it, where there is something. */
  instead?: string;
}

/** An object that scripts are handed: the reference, the editor's typings and the tests are read from this. */
export interface ScriptObject {
  /** Its type in the typings. */
  name: string;
  /** How a script comes to it. */
  expression: string;
  summary: string;
  members: readonly ObjectMember[];
}

const read = (name: string, typescript: string, summary: string, instead?: string): ObjectMember => ({
  name,
  typescript,
  access: 'read',
  summary,
  ...(instead === undefined ? {} : { instead }),
});
const write = (name: string, typescript: string, summary: string): ObjectMember => ({
  name,
  typescript,
  access: 'write',
  summary,
});

const bySteps = 'Set stepOptions.markAsSubjectIdentifierStep for the step whose person signs in.';

export const scriptObjects: readonly ScriptObject[] = [
  {
    name: 'Context',
    expression: 'context',
    summary: 'The sign-in. There is one for the whole login, and every callback gets it.',
    members: [
      read('steps', 'Steps', 'The steps of the flow, by number from 1.'),
      read('currentStep', 'number', 'The number of the step that came to an outcome last; 0 before any.'),
      read(
        'currentKnownSubject',
        'User',
        'Who signs in: the person of the marked step, else of the first. Null before anybody has signed in.',
        bySteps,
      ),
      read('subject', 'User', 'The same as `currentKnownSubject`.', bySteps),
      read(
        'lastLoginFailedUser',
        'User | null',
        'Whom the newest failed step was about: who signs in, or the account whose name was typed with a wrong password. Null where there is none.',
      ),
      read('requestedAcr', 'string[]', 'The ACR values that the application asks for, the most wanted first.'),
      {
        name: 'selectedAcr',
        typescript: 'string | null | undefined',
        access: 'write and delete',
        summary: 'What the application is told as `acr`. Null tells nothing, and so does deleting it.',
      },
      read('tenantDomain', 'string', 'Always `carbon.super`.'),
      read('serviceProviderName', 'string', 'The name of the application.'),
      read('retry', 'boolean', 'True after a step failed, until one is passed.'),
      read('endpointParams', 'Record<string, Text>', 'Texts for the pages that follow; its entries are written.'),
      read('request', 'ContextRequest', 'The request that the sign-in goes on with.'),
      read('response', 'ContextResponse', 'The next answer to the browser.'),
    ],
  },
  {
    name: 'Step',
    expression: 'context.steps[1]',
    summary: 'A step, with its newest result.',
    members: [
      read('subject', 'User', 'Who passed it; null while nobody has.'),
      read('idp', 'Idp | null', '`LOCAL`, or the name of the connection that it was passed with.'),
      read('authenticator', 'Authenticator | null', 'The name of the authenticator that it was passed with.'),
      read('options', '{ idp: Idp; authenticator: Authenticator }[]', 'What the step offers.'),
      read(
        'provisioning',
        'Provisioning | null',
        'What Just-in-Time provisioning did for somebody from a connection: `result`, `userId`.',
      ),
    ],
  },
  {
    name: 'User',
    expression: 'context.currentKnownSubject',
    summary:
      'A person. There is one object for each in a login. `JSON.stringify(user)` shows all of it; roles are changed by functions alone.',
    members: [
      read(
        'identifier',
        'string',
        'The user name, or the provider’s own name for somebody without an account.',
        'Write username, which changes what the script sees, or claims, which the application is told.',
      ),
      read('uniqueId', 'string', 'The account’s id, or what stands in for it.'),
      write('username', 'string', 'Writing it changes what the script sees, never the account or `sub`.'),
      write('userStoreDomain', 'string', '`PRIMARY`. Writing it changes what the script sees, never the account.'),
      read('tenantDomain', 'string', 'Always `carbon.super`.'),
      read(
        'roles',
        'string[]',
        'Roles of the organisation. A list of the script’s own: changing it changes nothing else.',
        'Call assignUserRoles or removeUserRoles.',
      ),
      read(
        'localClaims',
        'Claims',
        'The account’s attributes by claim URI or plain name. An entry that is written or deleted is changed in the account at once; somebody without an account gets it with the account.',
      ),
      read(
        'remoteClaims',
        'RemoteClaims',
        'What the identity provider said; null for somebody who signed in here. Its entries can be written, for this sign-in.',
      ),
      read(
        'claims',
        'Record<string, unknown>',
        'Claims for this sign-in alone, told to the application and never stored; entries are written and deleted. `sub`, `iss`, `aud`, `exp`, `iat`, `nonce`, `acr`, `amr`, `auth_time` and `sid` are refused.',
      ),
    ],
  },
  {
    name: 'ContextRequest',
    expression: 'context.request',
    summary: 'A request, without what is secret: our own cookies, `Authorization`, `csrf` and `state` are not there.',
    members: [
      read('params', 'Record<string, string[]>', 'Parameters; each is a list: `context.request.params.login_hint[0]`.'),
      read('headers', 'Record<string, string>', 'Headers, found in any case: `headers["User-Agent"]`.'),
      read('cookies', 'Record<string, { value: string }>', 'Cookies: `cookies.device.value`, and as a text the same.'),
      read('ip', 'string', 'The address of the browser, as trusted proxies tell it.'),
    ],
  },
  {
    name: 'ContextResponse',
    expression: 'context.response',
    summary: 'The next answer to the browser.',
    members: [
      read(
        'headers',
        'Record<string, Text>',
        'Entries that are written are added as headers to the pages that follow: names that begin with `X-`, and `Server-Timing`. Others are refused; cookies are set by `setCookie`.',
      ),
    ],
  },
  {
    name: 'Log',
    expression: 'Log',
    summary:
      'Writes to the trace of the sign-in and the server’s log, with the script’s line. `console` is the same object. Values of any kind are shown.',
    members: (['debug', 'info', 'warn', 'error', 'log'] as const).map((level) =>
      read(
        level,
        '(...values: unknown[]) => void',
        level === 'log' ? 'The same as `info`.' : `Writes a line of level ${level}.`,
      ),
    ),
  },
];
