/** Content of requests as the reference shows it. A test checks each against its schema. */
const script = `var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      if (context.steps[1].idp == 'LOCAL') { executeStep(2); }
    },
  });
};`;

const signInFlow = {
  steps: [
    { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
    { options: [{ authenticator: 'totp' }] },
  ],
  script,
  scriptEnabled: true,
};

export const examples = {
  newApplication: {
    name: 'Payroll',
    redirectUris: ['https://payroll.example.com/callback'],
    clientType: 'confidential',
    consent: 'skip',
    signInFlow: { steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }] },
  },
  applicationPatch: { redirectUris: ['https://payroll.example.com/callback', 'http://127.0.0.1/callback'] },
  signInFlow,
  note: { note: 'MFA for people who sign in with a password' },
  validation: { script },
  dryRun: {
    scenario: {
      steps: {
        '1': [{ outcome: 'success', idp: 'LOCAL', user: { username: 'ann', roles: ['staff'] } }],
        '2': [{ outcome: 'fail' }, { outcome: 'success' }],
      },
    },
  },
  // No `properties`: the writer of the OpenAPI document takes the name for a schema's own.
  exploration: { script, bounds: { paths: 2000, seconds: 5 } },
  scenarios: {
    items: [
      {
        name: 'a local person is asked for a second factor',
        scenario: { steps: { '1': [{ outcome: 'success', idp: 'LOCAL', user: { username: 'ann' } }] } },
        expect: { outcome: { result: 'waiting', waitingFor: { kind: 'step', step: 2 } } },
      },
    ],
  },
  newScriptLibrary: {
    name: 'roles.js',
    source: "exports.isStaff = function (user) { return isMemberOfAnyOfGroups(user, ['staff', 'contractors']); };",
  },
  scriptLibraryPatch: {
    source: "exports.isStaff = function (user) { return isMemberOfAnyOfGroups(user, ['staff']); };",
    note: 'Contractors have a role of their own now',
  },
  newPromptTemplate: {
    name: 'terms',
    template: {
      title: 'Our terms',
      text: ['Please read version {version} of our terms.'],
      buttons: [
        { name: 'action.accept', label: 'I accept' },
        { name: 'action.decline', label: 'I do not accept' },
      ],
    },
  },
  promptTemplatePatch: {
    template: {
      title: { en: 'A question', de: 'Eine Frage' },
      fields: [{ name: 'age', label: { en: 'Your age', de: 'Ihr Alter' }, type: 'number', required: true }],
    },
    note: 'In two languages',
  },
  newMailTemplate: {
    name: 'new-device',
    template: {
      subject: 'A new device',
      text: ['You have just signed in to {application} with {browser}.', 'If this was not you, tell us.'],
      link: { url: 'https://help.example.com/report?who={username}', label: 'That was not me' },
    },
  },
  mailTemplatePatch: {
    template: { subject: { en: 'A new device', de: 'Ein neues Gerät' }, text: ['{browser}'] },
    note: 'Shorter',
  },
  newConnection: {
    name: 'Google',
    type: 'oidc',
    preset: 'google',
    clientId: '1234.apps.example.com',
    clientSecret: 'from the provider',
  },
  connectionPatch: { jit: { enabled: false }, claimMapping: { department: 'http://wso2.org/claims/department' } },
  newUser: {
    username: 'ann',
    password: 'correct horse battery staple',
    claims: { 'http://wso2.org/claims/emailaddress': 'ann@example.com' },
    verified: ['http://wso2.org/claims/emailaddress'],
    groups: ['staff'],
  },
  newRole: { name: 'approver', applicationId: null },
  rolePatch: { name: 'senior approver' },
  newSecret: { name: 'RISK_KEY', value: 'what the risk service gave us' },
  secretPatch: { value: 'what it gives us from now on' },
  newGroup: { name: 'staff' },
  groupPatch: { name: 'employees' },
  userPatch: { claims: { givenname: 'Ann', nickname: null }, locked: false },
};
