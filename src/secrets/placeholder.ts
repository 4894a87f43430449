import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';

/** The value that a placeholder stands for, by name and version. */
export interface SecretReference {
  name: string;
  version: number;
}

/*
 * What a script holds in place of a secret: a text that it can put into others, and that comes through JSON and URLs as it
 * is. It belongs to one login, and nobody else can make it up: what a person types cannot draw a secret into a request.
 */
const pattern = /secret~([A-Za-z0-9_-]{1,100})~(\d{1,9})~([A-Za-z0-9_-]{22})~/g;

export function writePlaceholder(
  box: Pick<CryptoBox, 'mac'>,
  login: LoginId,
  { name, version }: SecretReference,
): string {
  return `secret~${name}~${version}~${proofOf(box, login, name, version)}~`;
}

/** The text with each of the login's placeholders replaced. */
export async function replacePlaceholders(
  box: Pick<CryptoBox, 'mac'>,
  login: LoginId,
  text: string,
  replace: (reference: SecretReference, placeholder: string) => Promise<string>,
): Promise<string> {
  let replaced = '';
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    const [placeholder, name = '', number = '', proof] = found;
    const version = Number(number);
    if (proof !== proofOf(box, login, name, version)) continue;
    replaced += text.slice(at, found.index) + (await replace({ name, version }, placeholder));
    at = found.index + placeholder.length;
  }
  return replaced + text.slice(at);
}

/** 132 bits. */
function proofOf(box: Pick<CryptoBox, 'mac'>, login: LoginId, name: string, version: number): string {
  return box.mac('secret placeholders', `${login}/${name}/${version}`).slice(0, 22);
}
