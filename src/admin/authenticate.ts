import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type Clock, minute, second } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { networkOf } from '../kernel/network.ts';

/**
 * Lets requests with the owner's token in. Wrong tokens are counted by address: after ten, each further one waits longer,
 * up to ten seconds; a quiet minute forgets them. The token has at least 32 characters, so this is against noise, not
 * against guessing; other addresses are never held up.
 *
 * @param adminToken null: nobody gets in
 */
export function createAuthentication({ adminToken, clock }: { adminToken: string | null; clock: Clock }) {
  const expected = adminToken === null ? null : digest(adminToken);
  const failures = new Map<string, { count: number; lastAt: number }>();

  return async function authenticate(request: FastifyRequest): Promise<void> {
    const network = networkOf(request.ip);
    const now = clock.now();
    const seen = findFailures(network, now);
    const wait =
      seen && seen.count > free ? seen.lastAt + Math.min(longestWait, (seen.count - free) * second) - now : 0;
    if (wait > 0) throw new AppError('TRY_LATER', { params: { wait: String(Math.ceil(wait / second)) } });

    const given = /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (expected !== null && given !== undefined && timingSafeEqual(digest(given), expected)) return;
    if (given !== undefined) {
      failures.delete(network);
      failures.set(network, { count: (seen?.count ?? 0) + 1, lastAt: now });
      // The oldest go first, so that strangers cannot fill the memory.
      const [oldest] = failures.keys();
      if (failures.size > maxNetworks && oldest !== undefined) failures.delete(oldest);
    }
    throw new AppError(
      'UNAUTHORIZED',
      expected === null ? { detail: 'STEPGATE_ADMIN_TOKEN is not set, so there is no valid token.' } : {},
    );
  };

  function findFailures(network: string, now: number) {
    const seen = failures.get(network);
    return seen && now - seen.lastAt < forgottenAfter ? seen : null;
  }
}

const free = 10;
const longestWait = 10 * second;
const forgottenAfter = minute;
const maxNetworks = 10_000;

/** Hashes have one length, so comparing them tells nothing about the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
