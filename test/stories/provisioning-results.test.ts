import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { JitSettings, LinkingSettings } from '../../src/connections/connection.ts';
import { defaultJit } from '../../src/connections/default-jit.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { askApplication, beginsSignIn, comesThroughGoogle } from './moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

const setJit = (jit: Partial<JitSettings>, linking: Partial<LinkingSettings> = {}) =>
  world.changeConnection((one) => ({
    ...one,
    jit: { ...defaultJit, ...jit, linking: { ...defaultJit.linking, ...linking } },
  }));

/** What the provider says of whoever comes next; null leaves a claim out. */
const says = (told: Record<string, unknown>) => world.identityProvider.misbehave({ idToken: told, userinfo: told });

const findGrace = async (): Promise<User> => {
  const link = await world.app.database.read.users.findAssociation(world.connection.id, graceHopper.sub);
  return (await world.app.database.read.users.findById(link!.userId))!;
};

/** Step 2 needs an account and cannot be passed: its `onFail` tells the application what became of step 1's person. */
const tells = (stepOptions = {}) => `function onLoginRequest(context) {
  executeStep(1, { stepOptions: ${JSON.stringify(stepOptions)} }, { onSuccess: function (context) {
    var before = context.steps[1].provisioning.result;
    executeStep(2, { authenticatorParams: { local: { totp: { enrolUserInAuthenticationFlow: 'false' } } } }, {
      onFail: function (context) {
        var after = context.steps[1].provisioning;
        var more = after.problem ? after.problem.code : after.userId ? 'account' : 'none';
        fail({ errorCode: [before, after.result, more].join('.') });
      } });
  } });
}`;

describe('What the script reads of provisioning, before and after an account is needed', () => {
  const link = { enabled: true, proof: 'VERIFIED_ATTRIBUTE' } as const;
  const isKnown = async () => void (await comesThroughGoogle(await beginsSignIn(world)));
  const hasAccount = (verified: string[]) => world.addUser('grace', { email: graceHopper.email, verified });

  it.each<[told: string, given: () => Promise<unknown>, stepOptions?: object]>([
    ['pending.created.account', async () => {}],
    ['pending.unchanged.account', isKnown],
    [
      'pending.updated.account',
      async () => {
        await isKnown();
        says({ given_name: 'G.' });
      },
    ],
    [
      'pending.linked.account',
      async () => {
        await hasAccount([claims.email]);
        await setJit({}, link);
      },
    ],
    ['disabled.disabled.none', () => setJit({ enabled: false })],
    [
      'known.known.account',
      async () => {
        await isKnown();
        await setJit({ enabled: false });
      },
    ],
    ['skipped.skipped.none', async () => {}, { provisionUser: 'false' }],
    ['pending.skipped.none', () => setJit({}, { ...link, skipJitOnNoMatch: true })],
    [
      'pending.refused.LINK_REFUSED',
      async () => {
        await hasAccount([]);
        await setJit({}, link);
      },
    ],
    ['pending.failed.USERNAME_TAKEN', () => world.addUser(graceHopper.email)],
  ])('%s', async (told, given, stepOptions) => {
    await world.publish({ script: 'function onLoginRequest() { executeStep(1); }' });
    await given();
    const steps = [
      { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
      { options: [{ authenticator: 'totp' }] },
    ];
    await world.publish({ steps, script: tells(stepOptions) });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    expect((await askApplication(world, person)).failure).toMatchObject({ error: told });
  });
});

describe('Where each attribute and group is from, over sign-ins', () => {
  const readFrom = ({ attributes, groups }: User) => [
    ...attributes
      .filter(({ uri }) => /(givenname|nickname|url)$/.test(uri))
      .map(({ uri, value, origin }) => `${uri.split('/').at(-1)}: ${value}, ${origin.split(':')[0]}`),
    ...groups.map(({ name, origin }) => `in ${name}, ${origin.split(':')[0]}`),
  ];
  const comes = async () => {
    await comesThroughGoogle(await beginsSignIn(world));
    return readFrom(await findGrace());
  };

  it.each<[Partial<JitSettings>, string[], string[]]>([
    [
      { attributeSync: 'OVERRIDE_ALL', groupSync: 'OVERRIDE_ALL' },
      ['givenname: G., connection', 'url: mine, admin', 'in staff, admin'],
      [
        'givenname: Grace, connection',
        'url: mine, admin',
        'nickname: Amazing, connection',
        'in staff, admin',
        'in research, connection',
      ],
    ],
    [
      { attributeSync: 'PRESERVE_LOCAL', groupSync: 'MERGE_WITH_EXISTING' },
      [
        'givenname: G., connection',
        'nickname: Amazing, connection',
        'url: mine, admin',
        'in research, connection',
        'in staff, admin',
      ],
      [
        'givenname: Grace, connection',
        'nickname: Amazing, connection',
        'url: mine, admin',
        'in research, connection',
        'in staff, admin',
      ],
    ],
    [
      { attributeSync: 'NONE' },
      [
        'givenname: Grace, connection',
        'nickname: Amazing, connection',
        'url: mine, admin',
        'in research, connection',
        'in staff, admin',
      ],
      [
        'givenname: Grace, connection',
        'nickname: Amazing, connection',
        'url: mine, admin',
        'in research, connection',
        'in staff, admin',
      ],
    ],
  ])('%j', async (jit, second, third) => {
    await setJit(jit);
    await world.publish({ script: 'function onLoginRequest() { executeStep(1); }' });
    const full = { nickname: 'Amazing', groups: ['research'] };
    says(full);
    expect(await comes()).toEqual([
      'givenname: Grace, connection',
      'nickname: Amazing, connection',
      'in research, connection',
    ]);
    const grace = await findGrace();
    await world.app.database.unit(({ users }) =>
      users.update({
        ...grace,
        attributes: [...grace.attributes, { uri: claims.website, value: 'mine', origin: 'admin' }],
        groups: [...grace.groups, { name: 'staff', origin: 'admin' }],
      }),
    );
    // The provider says less, and something else; then all of it again.
    says({ given_name: 'G.', groups: [] });
    expect((await comes()).toSorted()).toEqual(second.toSorted());
    says(full);
    expect((await comes()).toSorted()).toEqual(third.toSorted());
  });
});
