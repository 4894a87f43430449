import type { Answer } from '../connections/answer.ts';
import type { Connection } from '../connections/connection.ts';
import { issuerOf } from '../connections/issuer.ts';
import { type Clock, minute } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { type ConnectionId, newSecret } from '../kernel/ids.ts';
import { sha256 } from '../kernel/sha256.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import type { ConnectionTest, StoredTest } from './connection-test.ts';
import { previewProvisioning } from './preview.ts';
import { type ProbeDeps, probe } from './probe.ts';
import { readBack } from './read-back.ts';

export interface ConnectionTestsDeps extends ProbeDeps {
  database: Database<Pick<Stores, 'artifacts' | 'connections' | 'users'>>;
  box: Pick<CryptoBox, 'seal' | 'open'>;
  clock: Clock;
}

/** Tests of connections, as round trips of their own: no login, no account and no session comes of them. */
export interface ConnectionTests {
  begin(connection: Connection): Promise<ConnectionTest>;
  /** null when there is none, or its time is over. */
  find(connectionId: ConnectionId, id: string): Promise<ConnectionTest | null>;
  /**
   * Takes what a provider brought back, if its state belongs to a test; the first answer counts.
   * @returns null when the state belongs to no test
   */
  receive(stateHash: string, answer: Answer): Promise<{ passed: boolean; connection: string } | null>;
}

/** Among the artifacts, which end by themselves. */
const model = 'ConnectionTest';
const lifetime = 15 * minute;

export function createConnectionTests(deps: ConnectionTestsDeps): ConnectionTests {
  const { database, box, clock } = deps;
  const place = (id: string) => `${model}/${id}`;

  async function read(id: string): Promise<StoredTest | null> {
    const found = await database.read.artifacts.find(model, id);
    if (!found || (found.expiresAt ?? 0) <= clock.now()) return null;
    return JSON.parse(box.open(JSON.parse(found.payload), place(id))) as StoredTest;
  }

  async function write(test: StoredTest): Promise<void> {
    const { id, expiresAt } = test;
    const payload = JSON.stringify(box.seal(JSON.stringify(test), place(id)));
    const none = { grantId: null, userCode: null, uid: null, accountId: null, consumedAt: null };
    await database.unit(({ artifacts }) => artifacts.upsert({ ...none, model, id, payload, expiresAt }));
  }

  async function finish(test: StoredTest, answer: Answer): Promise<StoredTest> {
    const connection = await database.read.connections.findById(test.connectionId);
    if (!connection || test.kept === null) return { ...test, result: 'failed', url: null };
    const { hops, vouched } = await readBack(deps, connection, { kept: test.kept, answer });
    const done = { ...test, kept: null, url: null, hops: [...test.hops, ...hops] };
    if (vouched === null) return { ...done, result: 'failed' };
    const { subject, claims } = vouched;
    const person = {
      connectionId: connection.id,
      issuer: issuerOf(connection),
      subject,
      claims: { ...claims, sub: subject },
    };
    const preview = await previewProvisioning(database.read, { connection, person, now: clock.now() });
    return { ...done, result: 'passed', subject, claims, preview };
  }

  return {
    async begin(connection) {
      const state = newSecret();
      const { hops, departure } = await probe(deps, connection, { state, now: clock.now() });
      const test: StoredTest = {
        id: sha256(state),
        connectionId: connection.id,
        result: departure ? 'waiting' : 'failed',
        url: departure?.url ?? null,
        hops,
        subject: null,
        claims: null,
        preview: null,
        expiresAt: clock.now() + lifetime,
        kept: departure?.kept ?? null,
      };
      await write(test);
      return show(test);
    },

    async find(connectionId, id) {
      const test = await read(id);
      return test?.connectionId === connectionId ? show(test) : null;
    },

    async receive(stateHash, answer) {
      const test = await read(stateHash);
      if (!test) return null;
      const first = await database.unit(({ artifacts }) => artifacts.consume(model, stateHash, clock.now()));
      const done = first ? await finish(test, answer) : test;
      if (first) await write(done);
      const connection = await database.read.connections.findById(test.connectionId);
      return { passed: done.result === 'passed', connection: connection?.name ?? '' };
    },
  };
}

function show({ kept: _, ...test }: StoredTest): ConnectionTest {
  return test;
}
