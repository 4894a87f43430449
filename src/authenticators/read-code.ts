/**
 * A code as it was meant: without the spaces and dashes that people type or paste between its groups, and in ASCII digits
 * whatever keyboard wrote it. Empty when nothing was typed.
 */
export function readCode(typed: string | undefined): string {
  return (typed ?? '')
    .slice(0, longestTyped)
    .normalize('NFKC')
    .replace(/[\s\p{Pd}\p{Cf}]/gu, '')
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf));
}

/** In UTF-16 code units. No code is nearly as long. */
const longestTyped = 100;
