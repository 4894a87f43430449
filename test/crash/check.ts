import { hash } from 'node:crypto';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { loadKeys } from '../../src/kernel/key-file.ts';
import type { Evidence, SignIn } from './evidence.ts';
import type { CrashWorld } from './world.ts';

interface Step {
  step: number;
  outcome: string;
  idp: string | null;
  amr?: string[];
  user: string | null;
  failure?: { code: string };
}

/** What the database held at one moment. */
interface Snapshot {
  logins: Map<string, { status: string; cursor: number }>;
  /** Journal entries by login, in order. */
  journals: Map<string, { seq: number; op: string; args: string; answer: string }[]>;
  logLines: Map<string, number>;
  users: Map<string, { username: string; subject: string; attributes: { uri: string; value: string }[] }>;
  associations: { connection_id: string; subject: string; user_id: string }[];
  factors: { user_id: string; key: string }[];
  artifacts: { model: string; id: string; grant_id: string | null; payload: string; consumed_at: number | null }[];
  events: { type: string; login_id: string | null; target: string | null }[];
}

/**
 * Compares what people and applications were told with what is stored, and looks for anything that is there twice. Reads
 * beside a running server.
 * @param upTo evidence that was there before the look began
 * @returns what is wrong, in sentences
 */
export function findFaults(world: CrashWorld, { final }: { final: boolean }): string[] {
  // In this order: what is told while the database is read is not looked for.
  const evidence: Evidence = { ...world.evidence, signIns: [...world.evidence.signIns] };
  const enrolled = new Map(world.evidence.enrolled);
  const snapshot = readSnapshot(world.directory);
  return [
    ...evidence.faults,
    ...checkJournals(snapshot),
    ...checkAccounts(snapshot, world),
    ...checkTokens(snapshot, evidence.signIns),
    ...evidence.signIns.flatMap((signIn) => checkSignIn(snapshot, signIn, world)),
    ...checkFactors(snapshot, enrolled),
    ...checkEvents(snapshot),
    ...(final ? checkCounters(snapshot, evidence) : []),
  ];
}

function readSnapshot(directory: string): Snapshot {
  const box = createCryptoBox(loadKeys({ file: join(directory, 'keys.json'), create: false }));
  const database = new SQLite(join(directory, 'stepgate.db'), { readonly: true });
  try {
    const all = <T>(sql: string) => database.prepare(sql).all() as T[];
    return database.transaction((): Snapshot => {
      const journals: Snapshot['journals'] = new Map();
      const entries = all<{ login_id: string; seq: number; op: string; content_sealed: string }>(
        'SELECT login_id, seq, op, content_sealed FROM journal_entries ORDER BY login_id, seq',
      );
      for (const { login_id, seq, op, content_sealed } of entries) {
        const { args, answer } = JSON.parse(box.open(content_sealed, `journal/${login_id}/${seq}`));
        journals.set(login_id, [...(journals.get(login_id) ?? []), { seq, op, args, answer }]);
      }
      const lines = all<{ login_id: string; count: number }>(
        'SELECT login_id, count(*) AS count FROM log_lines GROUP BY login_id',
      );
      return {
        journals,
        logLines: new Map(lines.map(({ login_id, count }) => [login_id, count])),
        logins: new Map(
          all<{ id: string; status: string; cursor: number }>('SELECT id, status, cursor FROM logins').map((row) => [
            row.id,
            row,
          ]),
        ),
        users: new Map(
          all<{ id: string; username: string; subject: string; attributes: string }>(
            'SELECT id, username, subject, attributes FROM users',
          ).map((row) => [row.id, { ...row, attributes: JSON.parse(row.attributes) }]),
        ),
        associations: all('SELECT connection_id, subject, user_id FROM associations'),
        factors: all<{ id: string; user_id: string; secret_sealed: string }>(
          'SELECT id, user_id, secret_sealed FROM factors',
        ).map(({ id, user_id, secret_sealed }) => ({ user_id, key: box.open(secret_sealed, `factors/${id}/secret`) })),
        artifacts: all('SELECT model, id, grant_id, payload, consumed_at FROM artifacts'),
        events: all('SELECT type, login_id, target FROM audit_events'),
      };
    })();
  } finally {
    database.close();
  }
}

function readSteps(snapshot: Snapshot, loginId: string): Step[] {
  const entries = snapshot.journals.get(loginId) ?? [];
  return entries.filter(({ op }) => op === 'step').map(({ answer }) => JSON.parse(answer) as Step);
}

/** The numbers of the steps that were passed in a login, in the journal's order. */
export function readPassedSteps(directory: string, loginId: string): number[] {
  const steps = readSteps(readSnapshot(directory), loginId);
  return steps.filter(({ outcome }) => outcome === 'success').map(({ step }) => step);
}

/** Entries are numbered without gaps, as many as the login counts; no step is passed twice; each callback logged once. */
function checkJournals(snapshot: Snapshot): string[] {
  const faults: string[] = [];
  for (const [id, { status, cursor }] of snapshot.logins) {
    const entries = snapshot.journals.get(id) ?? [];
    if (entries.length !== cursor || entries.some(({ seq }, index) => seq !== index)) {
      faults.push(`${id} counts ${cursor} entries and has ${entries.map(({ seq }) => seq).join(' ')}`);
    }
    const steps = readSteps(snapshot, id);
    const passed = steps.filter(({ outcome }) => outcome === 'success');
    if (new Set(passed.map(({ step }) => step)).size !== passed.length) faults.push(`${id} passed a step twice`);
    // Of people who keep no account here, what the script logged goes with the end of the login.
    const expected = status === 'succeeded' && passed[0]?.idp === 'Partner' ? 0 : steps.length;
    const lines = snapshot.logLines.get(id) ?? 0;
    if (lines > expected || (status === 'succeeded' && lines < expected)) {
      faults.push(`${id} (${status}) has ${steps.length} step entries and ${lines} log lines`);
    }
  }
  return faults;
}

/** Accounts that were not seeded came through the one connection that makes them, one for each of its people. */
function checkAccounts({ users, associations }: Snapshot, world: CrashWorld): string[] {
  const made = [...users].filter(([, { username }]) => !/^(app|mail)-\d+$/.test(username));
  const faults = made
    .filter(([id]) => associations.filter(({ user_id }) => user_id === id).length !== 1)
    .map(([, { username }]) => `the account ${username} is not linked once`);
  if (new Set(associations.map(({ subject }) => subject)).size !== associations.length) {
    faults.push('somebody is linked twice');
  }
  if (associations.some(({ connection_id }) => connection_id !== world.google.id)) {
    faults.push('the connection that makes no accounts has linked somebody');
  }
  const seeded = world.appUsers.length + world.mailUsers.length;
  if (users.size !== seeded + associations.length) faults.push(`${users.size} accounts, ${associations.length} links`);
  return faults;
}

/** What applications hold is stored; no code or grant came twice out of one login. */
function checkTokens({ artifacts }: Snapshot, signIns: readonly SignIn[]): string[] {
  const faults: string[] = [];
  const byKey = new Map(artifacts.map((each) => [`${each.model} ${each.id}`, each]));
  const key = (secret: string) => hash('sha256', secret, 'base64url');
  for (const { who, tokens } of signIns) {
    if (!byKey.has(`AccessToken ${key(tokens.accessToken)}`)) faults.push(`an access token of ${who} is lost`);
    if (!byKey.has(`RefreshToken ${key(tokens.refreshToken)}`)) faults.push(`a refresh token of ${who} is lost`);
    const code = byKey.get(`AuthorizationCode ${key(tokens.code)}`);
    if (!code || code.consumed_at === null) faults.push(`the code of ${who} is not marked as redeemed`);
  }
  const countBy = (model: string, read: (each: Snapshot['artifacts'][number]) => string | null) => {
    const counts = new Map<string, number>();
    for (const each of artifacts.filter((one) => one.model === model)) {
      const value = read(each) ?? '';
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].filter(([, count]) => count > 1).map(([value]) => value);
  };
  for (const grant of countBy('AuthorizationCode', ({ grant_id }) => grant_id)) faults.push(`two codes of ${grant}`);
  for (const grant of countBy('AccessToken', ({ grant_id }) => grant_id)) faults.push(`a code of ${grant} gave twice`);
  for (const login of countBy('SignIn', ({ payload }) => JSON.parse(payload).loginId))
    faults.push(`two grants of ${login}`);
  return faults;
}

/** A finished sign-in: its login says so, the factor was passed, the script's closure counted right, the account is there. */
function checkSignIn(snapshot: Snapshot, { kind, who, loginId, tokens }: SignIn, world: CrashWorld): string[] {
  const faults: string[] = [];
  const { claims } = tokens;
  const about = `${kind} ${who} in ${loginId}`;
  if (snapshot.logins.get(loginId)?.status !== 'succeeded') faults.push(`${about}: the login has not succeeded`);
  const steps = readSteps(snapshot, loginId);
  const turns = steps.length;
  if (claims['turns'] !== turns) faults.push(`${about}: the script counted ${claims['turns']} of ${turns} callbacks`);

  const amr = (claims['amr'] as string[] | undefined) ?? [];
  const factor = { totp: 'otp', mail: 'mail' }[kind as string];
  if (factor !== undefined) {
    const second = steps.find(({ step, outcome }) => step === 2 && outcome === 'success');
    if (!amr.includes('pwd') || !amr.includes(factor) || !second?.amr?.includes(factor)) {
      faults.push(`${about}: signed in without its factor (${amr.join(' ')})`);
    }
    const user = snapshot.users.get(String(claims['sub']));
    if (user?.username !== who) faults.push(`${about}: signed in as ${user?.username}`);
  } else if (kind === 'without account') {
    const kept = JSON.stringify(snapshot.journals.get(loginId));
    if (kept.includes(who)) faults.push(`${about}: the journal still names the person`);
  } else {
    const link = snapshot.associations.find((each) => each.connection_id === world.google.id && each.subject === who);
    const user = link && snapshot.users.get(link.user_id);
    if (!user) faults.push(`${about}: the account that was shown is gone`);
    else if (user.subject !== claims['sub']) faults.push(`${about}: sub was ${claims['sub']}, is ${user.subject}`);
  }
  return faults;
}

/** Each account has at most one factor, and the one that the person was told of. */
function checkFactors({ factors, users }: Snapshot, enrolled: Map<string, string>): string[] {
  const keys = new Map<string, string[]>();
  for (const { user_id, key } of factors) {
    const name = users.get(user_id)?.username ?? user_id;
    keys.set(name, [...(keys.get(name) ?? []), key]);
  }
  const faults = [...keys].filter(([, all]) => all.length > 1).map(([name]) => `${name} has two factors`);
  for (const [name, key] of enrolled) {
    if (keys.get(name)?.[0] !== key) faults.push(`${name} was told that an app is set up, and it is not`);
  }
  return faults;
}

/** One event for each thing that happened. */
function checkEvents({ events, logins, users, factors }: Snapshot): string[] {
  const faults: string[] = [];
  const ended = [...logins.values()].filter(({ status }) => status !== 'running').length;
  const count = (type: RegExp) => events.filter((event) => type.test(event.type)).length;
  if (count(/^login\.(succeeded|failed)$/) !== ended)
    faults.push(`${ended} logins have ended, the log tells of others`);
  if (count(/^factor\.added$/) !== factors.length) faults.push('the log does not tell of each factor once');
  const made = [...users.values()].filter(({ username }) => !/^(app|mail)-\d+$/.test(username)).length;
  if (count(/^user\.created$/) !== made) faults.push('the log does not tell of each account once');
  return faults;
}

/** When nobody is on the way any more: effects were done once, and codes were used once. */
function checkCounters(snapshot: Snapshot, evidence: Evidence): string[] {
  const faults: string[] = [];
  const writes = new Map<string, number>();
  let refusedAsUsed = 0;
  for (const [id, entries] of snapshot.journals) {
    refusedAsUsed += readSteps(snapshot, id).filter(({ failure }) => failure?.code === 'CODE_USED').length;
    if (snapshot.logins.get(id)?.status !== 'succeeded') continue;
    for (const { args } of entries.filter(({ op }) => op === 'user.write')) {
      const [{ $user } = { $user: '' }] = [JSON.parse(args)[0]].map((ref) =>
        typeof ref === 'string' ? { $user: ref } : (ref as { $user: string }),
      );
      const user = $user.startsWith('federated:')
        ? snapshot.associations.find(({ subject }) => $user.endsWith(`:${subject}`))?.user_id
        : $user;
      writes.set(user ?? $user, (writes.get(user ?? $user) ?? 0) + 1);
    }
  }
  for (const [id, { username, attributes }] of snapshot.users) {
    const stored = Number(attributes.find(({ uri }) => uri.endsWith('/visits'))?.value ?? 0);
    if (stored !== (writes.get(id) ?? 0)) {
      faults.push(`${username} has counted ${stored} visits, the journals ${writes.get(id) ?? 0}`);
    }
  }
  if (refusedAsUsed > evidence.usedCodesTried) {
    faults.push(`${refusedAsUsed} codes were refused as used, and ${evidence.usedCodesTried} used ones were typed`);
  }
  const codes = evidence.signIns.flatMap(({ appCode }) => appCode ?? []);
  if (new Set(codes).size !== codes.length) faults.push('an app’s code was taken in two sign-ins');
  return faults;
}
