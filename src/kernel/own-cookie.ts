/** Is it the name of a cookie of ours? Scripts neither see nor set those; browsers take the prefix in any case. */
export function isOwnCookie(name: string): boolean {
  return /^(__Host-)?sg_/i.test(name);
}
