/*
 * Who may import whom. A part is a folder of src/, a file directly in it, or the sandbox. `uses` are parts whose code it may
 * run; `knows`, those of which it may import types. Everybody may use the kernel, and knows who owns which interface
 * (src/stores.ts).
 *
 * A new part gets a line here. A new line between two parts is a decision: does the first really have to know the second,
 * or can src/app.ts hand it in?
 */
export const importMap: Readonly<Record<string, { uses?: readonly string[]; knows?: readonly string[] }>> = {
  // What everybody stands on
  'src/kernel': {},
  sandbox: {},

  // What an installation has: applications, connections, people, mails, events
  'src/applications': { knows: ['src/login'] },
  'src/audit': {},
  'src/connections': { uses: ['src/directory'] },
  'src/mail': { knows: ['src/audit'] },
  'src/directory': { uses: ['src/mail'] },
  'src/provisioning': { uses: ['src/connections', 'src/directory', 'src/mail'], knows: ['src/authenticators'] },
  'src/connection-tests': {
    uses: ['src/authenticators', 'src/connections', 'src/provisioning'],
    knows: ['src/egress'],
  },
  'src/single-logout': {
    uses: ['src/authenticators', 'src/connections', 'src/sessions'],
    knows: ['src/applications', 'src/audit', 'src/egress'],
  },
  'src/egress': {},
  'src/calls': { uses: ['src/script-api', 'src/secrets'], knows: ['src/egress', 'src/login'] },
  'src/secrets': {},
  'src/script-assets': {},
  'src/sessions': { knows: ['src/authenticators'] },

  // What people see
  'src/pages': {},
  'src/error-pages.ts': { uses: ['src/pages'] },
  'src/remember-language.ts': {},

  // A sign-in. It gets authenticators and the application's side handed in, and knows their interfaces only.
  // Of the directory only the rules that a function's limits are.
  'src/script-api': { uses: ['sandbox', 'src/directory', 'src/secrets'] },
  'src/authenticators': {
    uses: ['src/connections', 'src/directory', 'src/sessions'],
    knows: ['src/egress', 'src/login', 'src/mail'],
  },
  'src/login': {
    uses: [
      'sandbox',
      'src/connections',
      'src/directory',
      'src/pages',
      'src/provisioning',
      'src/script-api',
      'src/script-assets',
      'src/secrets',
      'src/sessions',
    ],
    knows: ['src/applications', 'src/audit', 'src/authenticators', 'src/mail'],
  },
  'src/recovery': { uses: ['src/directory', 'src/pages'], knows: ['src/audit', 'src/mail'] },
  'src/oidc': {
    uses: ['src/connections', 'src/directory', 'src/login', 'src/pages', 'src/sessions'],
    knows: ['src/applications', 'src/audit', 'src/directory'],
  },

  // Trying scripts, and running an installation
  'src/validator': {
    uses: ['sandbox', 'src/connections', 'src/directory', 'src/script-api', 'src/script-assets'],
    knows: ['src/login'],
  },
  'src/lab': {
    uses: [
      'sandbox',
      'src/connections',
      'src/directory',
      'src/login',
      'src/pages',
      'src/provisioning',
      'src/script-api',
      'src/secrets',
      'src/validator',
    ],
    knows: ['src/applications', 'src/authenticators'],
  },
  'src/admin': {
    uses: [
      'src/authenticators',
      'src/connections',
      'src/directory',
      'src/lab',
      'src/pages',
      'src/script-assets',
      'src/secrets',
      'src/sessions',
      'src/validator',
    ],
    knows: ['src/applications', 'src/audit', 'src/connection-tests', 'src/login', 'src/script-api', 'src/settings.ts'],
  },

  // The database implements what the others own
  'src/stores.ts': {
    knows: [
      'src/applications',
      'src/audit',
      'src/connections',
      'src/directory',
      'src/lab',
      'src/login',
      'src/mail',
      'src/oidc',
      'src/recovery',
      'src/script-assets',
      'src/secrets',
      'src/sessions',
    ],
  },
  'src/storage': {
    uses: ['src/connections', 'src/directory', 'src/script-assets'],
    knows: [
      'src/applications',
      'src/audit',
      'src/lab',
      'src/login',
      'src/mail',
      'src/oidc',
      'src/provisioning',
      'src/recovery',
      'src/secrets',
      'src/sessions',
    ],
  },
  'src/sweeper.ts': {},
  'src/metrics.ts': { knows: ['sandbox'] },
  'src/settings.ts': { uses: ['sandbox'], knows: ['src/script-api'] },

  // Those who put things together
  'src/cli': {
    uses: [
      'sandbox',
      'src/admin',
      'src/authenticators',
      'src/lab',
      'src/login',
      'src/pages',
      'src/script-api',
      'src/script-assets',
      'src/validator',
    ],
  },
  'src/app.ts': {
    uses: [
      'sandbox',
      'src/admin',
      'src/audit',
      'src/authenticators',
      'src/calls',
      'src/connection-tests',
      'src/connections',
      'src/directory',
      'src/egress',
      'src/error-pages.ts',
      'src/lab',
      'src/login',
      'src/mail',
      'src/metrics.ts',
      'src/oidc',
      'src/pages',
      'src/recovery',
      'src/remember-language.ts',
      'src/script-api',
      'src/single-logout',
      'src/storage',
      'src/sweeper.ts',
    ],
    knows: ['src/settings.ts'],
  },
  'src/main.ts': { uses: ['src/app.ts', 'src/cli', 'src/settings.ts'] },
};

/** Pairs of parts that know each other's types, and why. Running each other's code is never mutual. */
export const mutual: readonly (readonly [one: string, other: string, why: string])[] = [
  ['src/applications', 'src/login', 'an application has a sign-in flow, and a login belongs to an application'],
  ['src/authenticators', 'src/login', 'the interface of authenticators tells them of the login that they are part of'],
  ['src/authenticators', 'src/sessions', 'a session remembers who passed a step, and one authenticator shows sessions'],
];

/** Packages that only some may import: what is replaced by a change of theirs stays in one place. */
export const packageMap: Readonly<Record<string, readonly string[]>> = {
  '@dagrejs/dagre': ['src/lab'],
  '@node-rs/argon2': ['src/directory'],
  '@node-saml/node-saml': ['src/authenticators'],
  '@xmldom/xmldom': ['src/connections'],
  '@zxcvbn-ts/language-common': ['src/directory'],
  acorn: ['src/validator'],
  'acorn-walk': ['src/validator'],
  'better-sqlite3': ['src/storage'],
  'isolated-vm': ['sandbox'],
  kysely: ['src/storage'],
  nodemailer: ['src/mail'],
  'oidc-provider': ['src/kernel', 'src/oidc', 'src/cli'],
  'openid-client': ['src/authenticators', 'src/cli'],
  otpauth: ['src/authenticators', 'src/cli'],
  undici: ['src/egress', 'src/cli'],
  'node:child_process': ['sandbox', 'src/cli'],
};
