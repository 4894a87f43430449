/**
 * Is it one mail address and nothing else, in the plain form `local@domain` (RFC 5321, section 4.1.2, without quoted local
 * parts and address literals; letters beyond ASCII as in RFC 6531)? Whatever could end a header line or begin another
 * address is refused.
 */
export function isMailAddress(text: string): boolean {
  return text.length <= longestAddress && text.isWellFormed() && plainAddress.test(text);
}

/** In characters: RFC 5321, section 4.5.3.1.3, less the angle brackets. */
const longestAddress = 254;

const plainAddress = /^[^\s\p{C}"(),:;<>@[\\\]]{1,64}@[^\s\p{C}"(),:;<>@[\\\]._-][^\s\p{C}"(),:;<>@[\\\]_]*$/u;
