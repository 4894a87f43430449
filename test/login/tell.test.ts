import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createOutside } from '../../src/calls/outside.ts';
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts';
import { newId } from '../../src/kernel/ids.ts';
import { createTeller, type Told } from '../../src/login/tell.ts';
import { createTypedFields } from '../../src/login/typed.ts';
import { tellLimits } from '../../src/script-api/http/limits.ts';
import { openFixture } from '../authenticators/fixture.ts';
import { createEndpoint } from '../stories/endpoint.ts';

/** A real database, a real endpoint, and the way out to it that scripts have. */
async function openTeller() {
  const fixture = await openFixture();
  const { directory, database, box, clock } = fixture;
  const endpoint = await createEndpoint();
  const { fetch, close } = createGuardedFetch({
    allowedHosts: [new URL(endpoint.url).hostname],
    allowLoopbackForDevelopment: true,
    withoutList: 'nobody',
  });
  const file = new SQLite(join(directory, 'stepgate.db'));
  onTestFinished(async () => {
    file.close();
    await close();
    await endpoint.close();
  });
  const logged: string[] = [];
  const integrations = { analytics: { url: endpoint.url, credentials: null }, elastic: null };
  const typed = createTypedFields({ box, clock });
  const create = () =>
    createTeller({
      ...fixture,
      openOutside: createOutside({ ...fixture, fetch, integrations, typed }),
      log: { warn: (_details, message) => logged.push(message) },
    });
  const teller = create();

  return {
    database,
    endpoint,
    /** Another writer of the database's file. */
    file,
    logged,
    teller,
    /** Of the next run of the server. */
    create,
    async keep(username: string): Promise<Told> {
      const args = JSON.stringify([{ ReceiverUrl: '/events' }, { username }]);
      const told = { op: 'publishToAnalytics', args, loginId: newId('login'), seq: 2, beganAt: clock.now() };
      await database.unit((stores) => teller.keep(stores, told));
      return told;
    },
    arrived: () => endpoint.asked.map(({ body }) => JSON.parse(body).event.username),
    left: async () => (await database.read.tellings.list(0, 10)).map(({ loginId }) => loginId),
  };
}

test('what is gone before it is sent does not arrive, though it was on its way; the others do', async () => {
  const { database, teller, keep, arrived, left } = await openTeller();
  const [ann, bob] = [await keep('ann'), await keep('bob')];
  await database.unit(({ tellings }) => tellings.deleteByLogin(ann.loginId));
  teller.tell(ann);
  teller.tell(bob);
  await teller.stop();
  expect(arrived()).toEqual(['bob']);
  expect(await left()).toEqual([]);
});

test('a database that cannot note what was told stops nothing, and it is told again, with the same key', async () => {
  const { endpoint, file, logged, teller, create, keep, arrived, left } = await openTeller();
  const ann = await keep('ann');
  file.exec("CREATE TRIGGER broken BEFORE DELETE ON tellings BEGIN SELECT RAISE(ABORT, 'disk fault'); END");
  teller.tell(ann);
  await teller.stop();
  expect(arrived()).toEqual(['ann']);
  expect(logged).toEqual(['What a script told is told once more later.']);
  expect(await left()).toEqual([ann.loginId]);

  file.exec('DROP TRIGGER broken');
  const next = create();
  await next.start();
  await next.stop();
  expect(arrived()).toEqual(['ann', 'ann']);
  expect(new Set(endpoint.asked.map(({ headers }) => headers['idempotency-key']))).toEqual(
    new Set([`${ann.loginId}:2`]),
  );
  expect(await left()).toEqual([]);
  expect(logged).toHaveLength(1);
});

test('a server that hangs is left alone in time, and what could not be begun is over one day', async () => {
  const { database, endpoint, logged, teller, keep } = await openTeller();
  endpoint.answers(() => {});
  const ann = await keep('ann');
  const [kept] = await database.read.tellings.list(0, 10);
  expect(kept!.expiresAt).toBe(ann.beganAt + tellLimits.kept.value);
  const began = performance.now();
  teller.tell(ann);
  await teller.stop();
  expect(performance.now() - began).toBeGreaterThan(tellLimits.time.value * 0.98);
  expect(logged).toHaveLength(1);
});

test('a database that cannot list what is left ends no start, and loses nothing', async () => {
  const { file, logged, teller, create, keep, arrived } = await openTeller();
  await keep('ann');
  file.exec('ALTER TABLE tellings RENAME TO away');
  await teller.start();
  await teller.stop();
  expect(arrived()).toEqual([]);
  expect(logged).toEqual(['What waits to be told is taken up later.']);

  file.exec('ALTER TABLE away RENAME TO tellings');
  const next = create();
  await next.start();
  await next.stop();
  expect(arrived()).toEqual(['ann']);
});

test('what is on its way is not begun a second time', async () => {
  const { teller, keep, arrived, left } = await openTeller();
  const ann = await keep('ann');
  teller.tell(ann);
  teller.tell(ann);
  await teller.start();
  await teller.stop();
  expect(arrived()).toEqual(['ann']);
  expect(await left()).toEqual([]);
});

test('no more than 500 are on their way to a server that hangs; the others wait on the disk, and follow', async () => {
  const { endpoint, teller, keep, arrived, left } = await openTeller();
  const hangs = Promise.withResolvers<void>();
  endpoint.answers(async (_asked, response) => {
    await hangs.promise;
    response.end('{}');
  });
  const told: Told[] = [];
  for (let n = 0; n < 503; n++) told.push(await keep(`person ${n}`));
  for (const each of told) teller.tell(each);
  await endpoint.untilAsked(500);
  await keep('the last');
  expect(endpoint.asked).toHaveLength(500);
  hangs.resolve();
  await endpoint.untilAsked(504);
  await teller.stop();
  expect(new Set(arrived()).size).toBe(504);
  expect(await left()).toEqual([]);
});
