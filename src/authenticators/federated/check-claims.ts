import { AppError } from '../../kernel/errors.ts';

/** Bytes of all claims together, as JSON. */
const maxSize = 256 * 1024;
/** Items of one list, such as the groups. */
const maxItems = 2000;
const maxDepth = 8;
/** OpenID Connect Core 1.0, section 2. */
const maxSubjectLength = 255;

/**
 * Refuses claims that no honest provider sends and that storage, scripts and applications should never meet.
 * @throws AppError IDP_ANSWER_INVALID, with the reason
 */
export function checkClaims(claims: Record<string, unknown>): void {
  const { sub } = claims;
  if (typeof sub !== 'string' || sub === '') throw refuse('There is no "sub" (subject).');
  if (sub.length > maxSubjectLength) throw refuse(`"sub" has more than ${maxSubjectLength} characters.`);
  if (/\p{C}/u.test(sub)) throw refuse('"sub" has control characters.');
  // Before its size is taken, which is not safe on what is nested without end.
  checkValue(claims, 'claims', 0);
  const size = Buffer.byteLength(JSON.stringify(claims));
  if (size > maxSize) throw refuse(`The claims take ${size} bytes; at most ${maxSize} are taken.`);
}

/** @param claim where it is: the name of the claim, at depth 1 and below */
function checkValue(value: unknown, claim: string, depth: number): void {
  if (typeof value === 'string') return checkText(value, `"${claim}"`);
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw refuse(`"${claim}" is nested more than ${maxDepth} deep.`);
  const items = Object.entries(value);
  if (items.length > maxItems) {
    throw refuse(`"${claim}" has ${items.length} items; at most ${maxItems} are taken.`);
  }
  for (const [name, item] of items) {
    checkText(name, `A name in "${claim}"`);
    checkValue(item, depth === 0 ? name : claim, depth + 1);
  }
}

function checkText(text: string, what: string): void {
  if (text.includes('\0')) throw refuse(`${what} has a null byte.`);
  if (!text.isWellFormed()) throw refuse(`${what} has half a character.`);
}

function refuse(detail: string): AppError {
  return new AppError('IDP_ANSWER_INVALID', { detail });
}
