import type { CryptoBox } from '../kernel/crypto-box.ts';

/** A provider's answer as it came in, before anything of it is believed. */
export interface Answer {
  /** The path under the public URL. */
  path: string;
  form: Readonly<Record<string, string>>;
}

/**
 * Answers that come where the login's cookie does not reach (posted from the provider's site, or to a connection's own
 * address) are kept under their state until the browser, sent on to its login, has shown that it is the right one.
 */
export function sealAnswer(box: Pick<CryptoBox, 'seal'>, stateHash: string, answer: Answer): string {
  return box.seal(JSON.stringify(answer), place(stateHash));
}

export function openAnswer(box: Pick<CryptoBox, 'open'>, stateHash: string, sealed: string): Answer {
  return JSON.parse(box.open(sealed, place(stateHash))) as Answer;
}

function place(stateHash: string): string {
  return `federation_states/${stateHash}/answer`;
}
