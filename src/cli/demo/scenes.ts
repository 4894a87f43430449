import { alanTuring, type DemoPerson, graceHopper } from './people.ts';
import { ann, ben } from './scenario.ts';
import {
  beginSignIn,
  confirmByApp,
  confirmByMail,
  countCodesSent,
  expectSame,
  type Me,
  passIdentityProvider,
  readMe,
  readSignedIn,
  type Scene,
  type Stage,
} from './scene.ts';

/** The mission's scenario, in the order in which it is played: later scenes rely on the accounts of earlier ones. */
export const scenes: readonly Scene[] = [
  {
    name: 'A local person, first time: a wrong password, then the password and a new authenticator app',
    async play(stage) {
      const person = await beginSignIn(stage, ann.username);
      await person.submits({ username: ann.username, password: 'not-the-password' });
      const [form] = person.page().forms.filter(({ fields }) => fields.some(({ name }) => name === 'password'));
      expectSame('After a wrong password the step shows again', form !== undefined, true);
      expectSame('and says what was wrong', person.page().alerts.length > 0, true);
      await person.submits({ username: ann.username, password: stage.password });
      await confirmByApp(stage, person, ann);
      return describeLocal(await readSignedIn(stage, person), ann.email, 'otp');
    },
  },
  {
    name: 'The same person again: the password and the next code of the app',
    async play(stage) {
      const person = await beginSignIn(stage, ann.username);
      await person.submits({ username: ann.username, password: stage.password });
      await confirmByApp(stage, person, ann);
      expectSame('Codes that were asked for', countCodesSent(person), 1);
      return describeLocal(await readSignedIn(stage, person), ann.email, 'otp');
    },
  },
  {
    name: 'Another local person: the password and a mailed code',
    async play(stage) {
      const person = await beginSignIn(stage, ben.username);
      await person.submits({ username: ben.username, password: stage.password });
      await confirmByMail(stage, person, ben);
      return describeLocal(await readSignedIn(stage, person), ben.email, 'mail');
    },
  },
  {
    name: 'A federated person, first time: an account is made, no second factor',
    async play(stage) {
      const before = await countUsers(stage);
      const me = await signInFederated(stage, graceHopper);
      expectSame('Accounts after the first sign-in', await countUsers(stage), before + 1);
      return `account made for ${String(me.userinfo['email'])}, no code asked for`;
    },
  },
  {
    name: 'The same federated person again: found, no second account',
    async play(stage) {
      const before = await countUsers(stage);
      const first = await signInFederated(stage, graceHopper);
      const second = await signInFederated(stage, graceHopper);
      expectSame('`sub` at the second sign-in', second.claims['sub'], first.claims['sub']);
      expectSame('Accounts after it', await countUsers(stage), before);
      const named = await stage.api.list(`/users?username=${encodeURIComponent(graceHopper.email)}`);
      expectSame(`Accounts named ${graceHopper.email}`, named.length, 1);
      return `one account, sub stays ${String(second.claims['sub'])}`;
    },
  },
  {
    name: 'JIT provisioning off: no account, the attributes reach the application',
    async play(stage) {
      await setJit(stage, false);
      const before = await countUsers(stage);
      const first = await signInFederated(stage, alanTuring);
      const second = await signInFederated(stage, alanTuring);
      expectSame('`sub` at the second sign-in', second.claims['sub'], first.claims['sub']);
      for (const name of ['email', 'given_name', 'family_name'] as const) {
        expectSame(`${name} in the id_token`, second.claims[name], alanTuring[name]);
      }
      expectSame('Accounts after both', await countUsers(stage), before);
      return `no account, attributes in id_token and userinfo, sub stays ${String(second.claims['sub'])}`;
    },
  },
  {
    name: 'JIT provisioning off and the script off: the second step needs an account, and says so',
    async play(stage) {
      await setJit(stage, false);
      await publishFlow(stage, { scriptEnabled: false });
      const before = await countUsers(stage);
      await expectWarning(stage);

      const person = await beginSignIn(stage, alanTuring.given_name);
      await passIdentityProvider(person, alanTuring.name);
      if (person.canChoose(/^totp$|^authenticator app/i)) await person.chooses(/^totp$|^authenticator app/i);
      expectSame('The page holds the sentence', person.page().text.includes(accountRequired), true);
      expectSame('Signed in at the application', (await readMe(stage, person)).signedIn, false);
      expectSame('Accounts after it', await countUsers(stage), before);
      return `«${accountRequired}»`;
    },
  },
];

/** Puts back what the scenes change: JIT provisioning and the script are on. */
export async function restoreScenario(stage: Stage): Promise<string> {
  await setJit(stage, true);
  await publishFlow(stage, { scriptEnabled: true });
  return 'JIT provisioning and the script are on';
}

export const accountRequired =
  'Sign-in needs an account here: connection «Google» signs people in without one (JIT provisioning is off), and «TOTP» belongs to an account.';

function describeLocal(me: Me, email: string, factor: 'otp' | 'mail'): string {
  expectSame('email in userinfo', me.userinfo['email'], email);
  const amr = me.claims['amr'];
  expectSame('amr names both factors', Array.isArray(amr) && ['pwd', factor].every((one) => amr.includes(one)), true);
  return `tokens for ${email}, amr ${JSON.stringify(amr)}`;
}

async function signInFederated(stage: Stage, who: DemoPerson): Promise<Me> {
  const person = await beginSignIn(stage, who.given_name);
  await passIdentityProvider(person, who.name);
  const me = await readSignedIn(stage, person);
  expectSame('Codes that were asked for', countCodesSent(person), 0);
  for (const name of ['email', 'given_name', 'family_name'] as const) {
    expectSame(`${name} in userinfo`, me.userinfo[name], who[name]);
  }
  return me;
}

async function countUsers({ api }: Stage): Promise<number> {
  return (await api.list('/users')).length;
}

async function setJit({ api, scenario }: Stage, enabled: boolean): Promise<void> {
  await api.patch(`/connections/${scenario.connectionId}`, { jit: { enabled } });
}

async function publishFlow({ api, scenario }: Stage, changes: { scriptEnabled: boolean }): Promise<void> {
  const path = `/applications/${scenario.applicationId}/sign-in-flow`;
  await api.put(path, { ...scenario.flow, ...changes });
  await api.post(`${path}/publish`, {});
}

async function expectWarning({ api, scenario }: Stage): Promise<void> {
  const answer = await api.get(`/applications/${scenario.applicationId}/sign-in-flow`);
  const findings = (answer['findings'] ?? []) as { severity: string; message: string }[];
  const warns = findings.some(({ severity, message }) => severity === 'warning' && /Google/.test(message));
  expectSame('The flow’s findings warn about Google', { warns, findings }, { warns: true, findings });
}
