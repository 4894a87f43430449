import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';
import { OutsideFailure } from '../script-api/outside.ts';
import { replacePlaceholders } from '../secrets/placeholder.ts';
import { openSecret } from '../secrets/secret.ts';
import type { Stores } from '../stores.ts';

/** Puts secrets into what a call sends, and takes them out of what it gets back. */
export interface Revealer {
  /** @throws OutsideFailure when a secret has been deleted */
  reveal(text: string, encode?: (value: string) => string): Promise<string>;
  /** Whatever was revealed stands behind its placeholder again, plain or in one of the usual codings. */
  conceal(text: string): string;
}

export function createRevealer({
  secrets,
  box,
  loginId,
}: {
  secrets: Pick<Stores['secrets'], 'findVersion'>;
  box: Pick<CryptoBox, 'mac' | 'open'>;
  loginId: LoginId;
}): Revealer {
  /** By value: the placeholder. */
  const revealed = new Map<string, string>();

  return {
    reveal: (text, encode = (value) => value) =>
      replacePlaceholders(box, loginId, text, async ({ name, version }, placeholder) => {
        const found = await secrets.findVersion(name, version);
        if (!found) throw new OutsideFailure('fail', 'CALL_FAILED', `The secret «${name}» is gone.`);
        const value = openSecret(box, found);
        revealed.set(value, placeholder);
        return encode(value);
      }),
    conceal(text) {
      let concealed = text;
      for (const [value, placeholder] of revealed) {
        for (const spelling of spellings(value)) concealed = concealed.replaceAll(spelling, placeholder);
      }
      return concealed;
    },
  };
}

/** A value as an answer may repeat it. Short ones stand in other words by chance, and are as good as known. */
function spellings(value: string): string[] {
  if (value.length < 4) return [];
  const plain = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
  return [...new Set([...plain, ...inBase64(Buffer.from(value))])];
}

/** What base64 makes of a value alone or amid others (as in Basic authentication): it depends on where in three bytes it begins. */
function inBase64(value: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), value]).toString('base64url');
    const own = coded.slice(before === 0 ? 0 : before + 1, (before + value.length) % 3 === 0 ? undefined : -1);
    return [own, own.replaceAll('-', '+').replaceAll('_', '/')];
  });
}
