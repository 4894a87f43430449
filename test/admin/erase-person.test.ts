import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { erasePerson } from '../../src/admin/people/erase-person.ts';
import { createMarks, gone, type PersonalValue } from '../../src/admin/people/person-marks.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { usernameKey } from '../../src/directory/usernames.ts';
import type { StoredScenario } from '../../src/lab/scenario-types.ts';
import { dialects, useDatabase } from '../storage/dialects.ts';
import { aConnection, aLogin, anApplication, anEntry, anEvent, aUser } from '../storage/samples.ts';

const storage = useDatabase(dialects[0]!);

const withClaims = (values: Record<string, string>): User['attributes'] =>
  Object.entries(values).map(([uri, value]) => ({ uri, value, origin: 'admin' as const }));

async function addUser(username: string, values: Record<string, string> = {}): Promise<User> {
  const user = aUser({ username, usernameKey: usernameKey(username), attributes: withClaims(values) });
  await storage.db.unit(({ users }) => users.insert(user));
  return user;
}

const record = (...events: AuditEvent[]) =>
  storage.db.unit(async ({ audit }) => {
    for (const event of events) await audit.append(event);
  });

async function erases(user: User): Promise<void> {
  await storage.db.unit(async (stores) => {
    await erasePerson(stores, user);
    await stores.users.delete(user.id);
  });
}

async function detailsOf({ id }: AuditEvent): Promise<AuditEvent['details'] | undefined> {
  const events = await storage.db.read.audit.list({ after: null, limit: 100 });
  return events.find((event) => event.id === id)?.details;
}

describe('a text names somebody', () => {
  const known: [string, string][] = [
    [claims.email, 'ann@example.com'],
    [claims.mobile, '+49 170 5550123'],
    [claims.fullName, 'Ánn Archer'],
    ['subject', 'google-1906'],
    ['employeeNumber', 'E-004711'],
  ];

  test.each([
    ['ann@example.com', true],
    ['No entry for ANN@Example.com.', true],
    ['{"mail":"ann@example.com"}', true],
    ['<ann@example.com>', true],
    ['https://a.example/?mail=ann%40example.com&x=1', true],
    ['https://a.example/?q=to%3Aann%40example.com', true],
    ['joann@example.com', false],
    ['jo.ann@example.com', false],
    ['jo-ann@example.com', false],
    ['jo+ann@example.com', false],
    ['ann@example.com.au', false],
    ['ann@example.community', false],
    ['ann@example.org', false],
    ['Call +49 170 5550123, please.', true],
    ['tel:+49 170 5550123', true],
    ['+49 170 55501234', false],
    ['170 5550123', false],
    ['ÁNN ARCHER was here', true],
    ['ánn Archer’s account', true],
    ['A\u0301nn Archer', true],
    ['Joánn Archer', false],
    ['Ánn Archer-Smith', false],
    ['of google-1906: no', true],
    ['of google-19067', false],
    ['of mygoogle-1906', false],
    ['of google-1906-b', false],
    ['(E-004711)', true],
    ['FE-004711', false],
    ['', false],
  ])('«%s»: %s', async (text, expected) => {
    const values = known.map(([name, value]) => ({ name, value, at: null }));
    const marks = await createMarks(storage.db.read, aUser(), values);
    expect(marks.standIn(text)).toBe(expected);
    expect(marks.eraseFrom(text).includes(gone)).toBe(expected);
    if (!expected) expect(marks.eraseFrom(text)).toBe(text);
  });

  test('by a whole word, whatever stands around it, and nothing else of the text goes', async () => {
    const part = fc.stringMatching(/^[aB1]{1,2}$/);
    const address = fc.tuple(part, part, part).map(([a, b, c]) => `${a}@${b}.${c}`);
    const glue = fc.constantFrom('', ' ', '.', '-', '+', '@', ': ', ', ', '.com', 'x');
    const sentence = (mark: string) =>
      fc
        .array(fc.oneof(fc.constant(mark), fc.constant(mark.toUpperCase()), address, part, glue), { maxLength: 8 })
        .map((parts) => parts.join(''));
    const cases = address.chain((mark) => fc.tuple(fc.constant(mark), sentence(mark)));
    const words = /[a-z0-9._+@-]+/gi;
    const bare = (word: string) => word.replace(/^[._+@-]+|[._+@-]+$/g, '');
    await fc.assert(
      fc.asyncProperty(cases, async ([mark, text]) => {
        const marks = await createMarks(storage.db.read, aUser(), [{ name: claims.email, value: mark, at: null }]);
        const isNamed = (word: string) => bare(word).toLowerCase() === mark.toLowerCase();
        expect(marks.standIn(text)).toBe((text.match(words) ?? []).some(isNamed));
        expect(marks.eraseFrom(text)).toBe(
          text.replace(words, (word) => (isNamed(word) ? word.replace(bare(word), gone) : word)),
        );
      }),
      { seed: 1906, numRuns: 500 },
    );
  });
});

describe('what is not of a deleted person alone stays', () => {
  test.each<[string, PersonalValue]>([
    ['a user name that somebody else has now', { name: 'username', value: 'Bob', at: null }],
    ['a mail address that somebody else has now', { name: claims.email, value: 'bob@example.com', at: null }],
    ['an earlier address, in a field of another name', { name: 'before', value: 'bob@example.com', at: null }],
    ['a family’s telephone', { name: claims.mobile, value: '+49 170 5550000', at: null }],
    ['a namesake’s name', { name: claims.fullName, value: 'Robin Archer', at: null }],
    ['a day of birth', { name: claims.birthDate, value: '1990-01-01', at: null }],
    ['a nickname', { name: claims.nickname, value: 'Robin Archer II', at: null }],
    ['a sentence with a number', { name: 'detail', value: 'It took 5000000 ms.', at: null }],
  ])('%s', async (_what, value) => {
    await addUser('bob', {
      [claims.email]: 'bob@example.com',
      [claims.mobile]: '+49 170 5550000',
      [claims.fullName]: 'Robin Archer',
    });
    const marks = await createMarks(storage.db.read, aUser(), [value]);
    expect(marks.texts).toEqual([]);
    expect(marks.isTheirs(value)).toBe(false);
    expect(marks.standIn(value.value)).toBe(false);
  });

  test('a subject is theirs at its own connection, and not where it is somebody else’s', async () => {
    const [ann, bob] = [await addUser('ann'), await addUser('bob')];
    const [google, github, other] = [aConnection(), aConnection(), aConnection()];
    await storage.db.unit(async ({ connections, users }) => {
      for (const connection of [google, github, other]) await connections.insert(connection);
      await users.insertAssociation({ connectionId: google.id, subject: '1', userId: ann.id, createdAt: 0 });
      await users.insertAssociation({ connectionId: github.id, subject: '1', userId: bob.id, createdAt: 0 });
    });
    const refused = (at: { id: string }) =>
      anEvent({ details: { connectionId: at.id, subject: '1', detail: 'The name is taken.' } });
    const [hers, his, nobodys] = [refused(google), refused(github), refused(other)];
    await record(hers, his, nobodys);
    await erases(ann);
    expect(await detailsOf(hers)).toEqual({ connectionId: google.id, subject: gone, detail: gone });
    expect(await detailsOf(his)).toEqual(his.details);
    expect(await detailsOf(nobodys)).toEqual(nobodys.details);
  });

  test('what a script did to somebody else in their sign-in, but for their own name in it', async () => {
    const ann = await addUser('ann', { [claims.email]: 'ann@example.com' });
    const bob = await addUser('bob', { [claims.email]: 'bob@example.com' });
    const login = aLogin({ userId: ann.id, endedAt: 1, status: 'succeeded' });
    const change = { what: claims.email, before: 'robert@example.com', after: 'bob@example.com' };
    const changed = anEvent({ target: bob.id, loginId: login.id, details: { changes: [change] } });
    const named = anEvent({ target: bob.id, loginId: login.id, details: { detail: 'By ann@example.com.', n: 1 } });
    const inHers = anEvent({ loginId: login.id, details: { detail: 'Refused by robert@example.com.' } });
    const robert = anEvent({ details: { detail: 'No account of robert@example.com.' } });
    await storage.db.unit(({ logins }) => logins.insert(login));
    await record(changed, named, inHers, robert);
    await erases(ann);
    expect(await detailsOf(changed)).toEqual(changed.details);
    expect(await detailsOf(named)).toEqual({ detail: gone, n: 1 });
    expect(await detailsOf(inHers)).toEqual({ detail: gone });
    expect(await detailsOf(robert)).toEqual(robert.details);
  });

  test('events about nobody in which their address is a part of another', async () => {
    const ann = await addUser('ann', { [claims.email]: 'ann@example.com' });
    const others = [
      anEvent({ details: { email: 'joann@example.com' } }),
      anEvent({ details: { email: 'ann@example.com.au', detail: 'No account.' } }),
      anEvent({ details: { detail: 'Sent to jo.ann@example.com.', mail: 'mail_1' } }),
    ];
    const hers = anEvent({ details: { email: 'ANN@example.com', detail: 'No account.' } });
    const sentence = anEvent({ details: { detail: 'Sent to ann@example.com.', asked: 'by the application' } });
    await record(...others, hers, sentence);
    await erases(ann);
    for (const event of others) expect(await detailsOf(event)).toEqual(event.details);
    expect(await detailsOf(hers)).toEqual({ email: gone, detail: gone });
    expect(await detailsOf(sentence)).toEqual({ detail: gone, asked: 'by the application' });
  });

  test('scenarios of others, whose roles and departments are called like them, and whose manager they are', async () => {
    const admin = await addUser('admin', { [claims.email]: 'ann@example.com' });
    const application = anApplication();
    const scenarioOf = (user: object) =>
      ({ name: 'in', scenario: { steps: { 1: [{ outcome: 'success', user }] } }, expect: {} }) as StoredScenario;
    const bobs = (manager: string) =>
      scenarioOf({ username: 'bob', roles: ['admin'], claims: { department: 'admin', manager } });
    const hers = scenarioOf({ username: 'Admin', roles: ['admin'], claims: { department: 'admin' } });
    await storage.db.unit(async ({ applications, scenarios }) => {
      await applications.insert(application);
      await scenarios.replace(application.id, null, [
        { ...bobs('ann@example.com'), name: 'bob' },
        { ...hers, name: 'hers' },
      ]);
    });
    await erases(admin);
    expect(await storage.db.read.scenarios.list(application.id, null)).toEqual([
      { ...bobs(gone), name: 'bob' },
      { ...scenarioOf({ username: gone, roles: ['admin'], claims: { department: gone } }), name: 'hers' },
    ]);
  });
});

describe('what is left of a deleted person nowhere', () => {
  test('a name and an address that they had before, each known from events about them alone', async () => {
    const ann = await addUser('ann', { [claims.email]: 'ann@example.com' });
    const changes = [
      { what: claims.fullName, before: 'Änne Archer', after: 'Anne Archer' },
      { what: claims.email, before: 'old@example.com', after: 'ann@example.com' },
    ];
    const updated = anEvent({ type: 'user.updated', target: ann.id, details: { changes } });
    const earlier = anEvent({ details: { detail: 'ÄNNE ARCHER came.', by: 'person' } });
    const mail = anEvent({ details: { detail: 'No entry: https://a.example/?m=old%40example.com' } });
    await record(updated, earlier, mail);
    await erases(ann);
    expect(await detailsOf(updated)).toEqual({
      changes: changes.map(({ what }) => ({ what, before: gone, after: gone })),
    });
    expect(await detailsOf(earlier)).toEqual({ detail: gone, by: 'person' });
    expect(await detailsOf(mail)).toEqual({ detail: gone });
  });

  test('any of two thousand numbers that they had one after the other', async () => {
    const ann = await addUser('ann');
    const number = (n: number) => `S-${100_000 + n}`;
    const changes = Array.from({ length: 1000 }, (_, n) => ({ what: 'x', before: number(n), after: number(n + 1000) }));
    const updated = anEvent({ type: 'user.updated', target: ann.id, details: { changes } });
    const [hers, others] = [
      anEvent({ details: { badge: number(1999) } }),
      anEvent({ details: { badge: number(2000) } }),
    ];
    await record(updated, hers, others);
    await erases(ann);
    expect(await detailsOf(hers)).toEqual({ badge: gone });
    expect(await detailsOf(others)).toEqual(others.details);
  });

  test('the journal of somebody else’s sign-in in which they took part, once that has ended', async () => {
    const [ann, bob] = [await addUser('ann'), await addUser('bob')];
    const ended = { userId: bob.id, endedAt: 1, status: 'succeeded' } as const;
    const [together, running, alone] = [aLogin(ended), aLogin({ userId: bob.id }), aLogin(ended)];
    await storage.db.unit(async ({ logins, audit }) => {
      for (const login of [together, running, alone]) {
        await logins.insert(login);
        await logins.appendEntry(login.id, anEntry(0));
      }
      for (const { id } of [together, running]) await audit.append(anEvent({ target: ann.id, loginId: id }));
      await audit.append(anEvent({ target: bob.id, loginId: alone.id }));
    });
    await erases(ann);
    const left = async ({ id }: typeof alone) => (await storage.db.read.logins.listEntries(id)).length;
    expect(await Promise.all([together, running, alone].map(left))).toEqual([0, 1, 1]);
  });
});
