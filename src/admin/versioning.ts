import type { FastifyReply } from 'fastify';
import { AppError } from '../kernel/errors.ts';

function etagOf({ revision }: { revision: number }): string {
  return `"${revision}"`;
}

/** Sends a resource with its ETag. */
export function sendResource(reply: FastifyReply, { revision }: { revision: number }): FastifyReply {
  return reply.header('etag', etagOf({ revision }));
}

/**
 * If-Match (RFC 9110, section 13.1.1): one of the tags is the resource's, compared strongly, or it is `*`. Without the header
 * everything matches.
 * @throws AppError CHANGED_MEANWHILE
 */
export function checkIfMatch(header: string | undefined, resource: { revision: number }): void {
  if (header === undefined || header.trim() === '*') return;
  const tags: string[] = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  if (!tags.includes(etagOf(resource))) {
    throw new AppError('CHANGED_MEANWHILE', { detail: `Its ETag is ${etagOf(resource)} now.` });
  }
}
