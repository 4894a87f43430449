import { setFlagsFromString } from 'node:v8';
import { play } from '../../sandbox/play.ts';
import {
  type Bundle,
  defaultLimits,
  type Entry,
  type Limits,
  type PlayResult,
  type Question,
  type Reply,
} from '../../sandbox/protocol.ts';
import { guestSteering } from '../../src/script-api/index.ts';

// As in the sandbox's own processes: what V8 keeps of our program is whole then, and no play compiles it again. The flags
// stay on, as V8 refuses what it kept under others.
setFlagsFromString('--no-lazy');
setFlagsFromString('--no-enable-lazy-source-positions');

/** Time enough for a machine that runs all tests at once: these tests are about rules, not about speed. */
export const patient: Limits = { ...defaultLimits, turnCpuMs: 20_000, loginCpuMs: 60_000, turnWallMs: 30_000 };

export const startedAt = Date.UTC(2001, 8, 9, 1, 46, 40);

/** Step 1 is a password or Google, step 2 a code, step 3 only an identifier, which proves nothing. */
export function bundle(script: string): Bundle {
  return {
    script,
    functions: [
      { name: 'hasRole', kind: 'read' },
      { name: 'auditThis', kind: 'effect' },
      { name: 'httpGet', kind: 'scheduled', aliases: ['fetchJson'] },
      { name: 'prompt', kind: 'scheduled' },
      { name: 'user.load', kind: 'read', internal: true },
      { name: 'user.write', kind: 'effect', internal: true },
    ],
    steering: guestSteering,
    steps: [
      {
        options: [
          { idp: 'LOCAL', authenticator: 'BasicAuthenticator' },
          { idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' },
        ],
      },
      { options: [{ idp: 'LOCAL', authenticator: 'totp' }] },
      { options: [{ idp: 'LOCAL', authenticator: 'IdentifierExecutor' }] },
    ],
    tenantDomain: 'carbon.super',
    serviceProviderName: 'Payroll',
    hashKey: '',
  };
}

/** `onLoginRequest` with this body. */
export const login = (body: string) => `function onLoginRequest(context) {\n${body}\n}`;

/** What happens at each `executeStep`, `httpGet` or `prompt`, in the order in which their turns come; then `success`. */
export type Happening = string | Record<string, unknown>;

export interface World {
  answer: (question: Question) => Reply;
  /** Every question that was put, in order. */
  asked: Question[];
}

/**
 * A world that answers the same to the same questions: one local person `u1`, one federated person `f1` (who comes when
 * Google is the happening's idp), roles by name, and outcomes from the list.
 */
export function createWorld(happenings: readonly Happening[] = []): World {
  const outcomes = [...happenings];
  const asked: Question[] = [];
  const claims: Record<string, Record<string, string>> = {
    u1: { 'http://wso2.org/claims/emailaddress': 'ann@example.com' },
    f1: { 'http://wso2.org/claims/emailaddress': 'fred@example.net' },
  };
  let subject: string | null = null;

  const reply = (value: unknown): Reply => ({ answer: JSON.stringify(value) });
  const answer = (question: Question): Reply => {
    asked.push(question);
    const { seq, op, args } = question;
    const at = startedAt + seq * 1000;
    const given = JSON.parse(args) as unknown[];
    switch (op) {
      case 'start':
        return reply({
          at,
          seed: 42,
          request: {
            ip: '192.0.2.7',
            headers: { 'user-agent': 'Tester/1.0', 'accept-language': 'en' },
            params: { scope: ['openid'] },
            cookies: { theme: { value: 'dark' } },
          },
          requestedAcr: ['silver', 'gold'],
        });
      case 'user.load': {
        const ref = given[0] as string;
        const federated = ref === 'f1';
        return reply({
          identifier: federated ? 'fred' : 'ann',
          uniqueId: ref,
          username: federated ? 'fred' : 'ann',
          userStoreDomain: 'PRIMARY',
          tenantDomain: 'carbon.super',
          roles: federated ? [] : ['admin', 'staff'],
          localClaims: claims[ref],
          remoteClaims: federated ? { email: 'fred@example.net' } : null,
        });
      }
      case 'user.write': {
        const [ref, uri, text] = given as [string, string, string | null];
        if (text === null) delete claims[ref]![uri];
        else claims[ref]![uri] = text;
        return reply(null);
      }
      case 'hasRole':
        return reply(String(given[1]).length % 2 === 1);
      case 'auditThis':
        return reply(true);
      default: {
        const happening = outcomes.shift() ?? 'success';
        const own = typeof happening === 'string' ? { outcome: happening } : happening;
        if (op !== 'step') return reply({ at, data: { n: seq, list: [1, 2] }, ...own });
        const step = Number(given[0]);
        const google = own['idp'] === 'Google';
        const user = google ? 'f1' : 'u1';
        if (own['outcome'] !== 'success') return reply({ at, step, user, idp: null, authenticator: null, ...own });
        subject ??= step === 3 ? null : user;
        return reply({
          at,
          step,
          proves: step !== 3,
          user,
          subject,
          idp: 'LOCAL',
          authenticator: ['BasicAuthenticator', 'totp', 'IdentifierExecutor'][step - 1],
          ...own,
        });
      }
    }
  };
  return { answer, asked };
}

export interface Played {
  bundle: Bundle;
  result: PlayResult;
  journal: Entry[];
}

/** Plays a script to its end, in this process. */
export function playWhole(script: string, happenings: readonly Happening[] = [], limits: Limits = patient): Played {
  const made = bundle(script);
  const journal: Entry[] = [];
  const result = play(made, journal, limits, createWorld(happenings).answer);
  return { bundle: made, result, journal };
}

/** What a play decided and did, without what depends on the machine. */
export function essence({ usage: _usage, ...result }: PlayResult): Omit<PlayResult, 'usage'> {
  return result;
}

export const nobody = (): Reply => ({ wait: true });

/** One word for how it ended, and for a failure by which rule. */
export function ending(result: PlayResult): string {
  if (result.kind !== 'ends') return result.kind;
  const { verdict } = result;
  if (verdict.result === 'success') return 'success';
  return verdict.result === 'failure' ? `failure: ${verdict.by}` : verdict.code;
}

/** The steps and calls of a journal in their order, like `1 2 httpGet`. */
export function order(journal: readonly Entry[]): string {
  return journal
    .filter(({ op, note }) => !note && ['step', 'httpGet', 'prompt'].includes(op))
    .map(({ op, args }) => (op === 'step' ? String(JSON.parse(args)[0]) : op))
    .join(' ');
}

export const lines = (result: PlayResult): string[] => result.said.map(({ text }) => text);
