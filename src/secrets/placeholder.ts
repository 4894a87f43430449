import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';

/**
 * The value that a placeholder stands for: a version of a secret, or what the person typed into a field (`name`) that an
 * authenticator consumed, with the journal entry (`version`) that the form led to.
 */
export interface Reference {
  kind: 'secret' | 'typed';
  name: string;
  version: number;
}

/*
 * What a script holds in place of a secret: a text that it can put into others, and that comes through JSON and URLs as it
 * is. It belongs to one login, and nobody else can make it up: what a person types cannot draw a secret into a request.
 */
const pattern = /(secret|typed)~([A-Za-z0-9_-]{1,100})~(\d{1,9})~([A-Za-z0-9_-]{22})~/g;

/** May what the person typed stand in the text? */
export function holdsTyped(text: string): boolean {
  return [...text.matchAll(pattern)].some(([, kind]) => kind === 'typed');
}

export function writePlaceholder(box: Pick<CryptoBox, 'mac'>, login: LoginId, reference: Reference): string {
  const { kind, name, version } = reference;
  return `${kind}~${name}~${version}~${proofOf(box, login, reference)}~`;
}

/** The text with each of the login's placeholders replaced. */
export async function replacePlaceholders(
  box: Pick<CryptoBox, 'mac'>,
  login: LoginId,
  text: string,
  replace: (reference: Reference, placeholder: string) => Promise<string>,
): Promise<string> {
  let replaced = '';
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    const [placeholder, kind, name = '', number, proof] = found;
    const reference: Reference = { kind: kind === 'typed' ? kind : 'secret', name, version: Number(number) };
    if (proof !== proofOf(box, login, reference)) continue;
    replaced += text.slice(at, found.index) + (await replace(reference, placeholder));
    at = found.index + placeholder.length;
  }
  return replaced + text.slice(at);
}

/** 132 bits. */
function proofOf(box: Pick<CryptoBox, 'mac'>, login: LoginId, { kind, name, version }: Reference): string {
  return box.mac('placeholders', `${login}/${kind}/${name}/${version}`).slice(0, 22);
}
