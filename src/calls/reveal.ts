import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { TypedFields } from '../login/typed.ts';
import { parseJson } from '../script-api/http/json.ts';
import { OutsideFailure } from '../script-api/outside.ts';
import { replacePlaceholders } from '../secrets/placeholder.ts';
import { openSecret } from '../secrets/secret.ts';
import type { Stores } from '../stores.ts';

/** Puts secrets, and what the person typed, into what a call sends, and takes them out of what it gets back. */
export interface Revealer {
  /** @throws OutsideFailure when a secret has been deleted, or what was typed is forgotten */
  reveal(text: string, encode?: (value: string) => string): Promise<string>;
  /** Whatever was revealed stands behind its placeholder again, plain or in one of the usual codings. */
  conceal(text: string): string;
}

export function createRevealer({
  secrets,
  box,
  loginId,
  typed,
}: {
  secrets: Pick<Stores['secrets'], 'findVersion'>;
  box: Pick<CryptoBox, 'mac' | 'open'>;
  loginId: LoginId;
  typed: Pick<TypedFields, 'open'>;
}): Revealer {
  /** By value: the placeholder. */
  const revealed = new Map<string, string>();

  return {
    reveal: (text, encode = (value) => value) =>
      replacePlaceholders(box, loginId, text, async (reference, placeholder) => {
        const { kind, name, version } = reference;
        if (kind === 'typed') {
          const value = typed.open(loginId, reference);
          if (value === null) {
            throw new OutsideFailure('fail', 'ENTRY_FORGOTTEN', `The field is «${name}».`);
          }
          revealed.set(value, placeholder);
          return encode(value);
        }
        const found = await secrets.findVersion(name, version);
        if (!found) throw new OutsideFailure('fail', 'CALL_FAILED', `The secret «${name}» is gone.`);
        const value = openSecret(box, found);
        revealed.set(value, placeholder);
        return encode(value);
      }),
    conceal(text) {
      if (revealed.size === 0) return text;
      // JSON can spell every letter in several ways, so its texts are compared as they are read.
      const parsed = parseJson(text);
      if ('problem' in parsed) return concealText(text);
      const concealed = JSON.stringify(concealAll(parsed.value));
      return concealed === JSON.stringify(parsed.value) ? text : concealed;
    },
  };

  function concealText(text: string): string {
    let concealed = text;
    for (const [value, placeholder] of revealed) {
      for (const spelling of spellings(value)) concealed = concealed.replaceAll(spelling, placeholder);
    }
    return concealed;
  }

  function concealAll(value: unknown): unknown {
    if (typeof value === 'string') return concealText(value);
    if (typeof value === 'number') {
      const concealed = concealText(String(value));
      return concealed === String(value) ? value : concealed;
    }
    if (Array.isArray(value)) return value.map(concealAll);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [concealText(name), concealAll(each)]));
  }
}

/** A value as an answer may repeat it. Short ones stand in other words by chance, and are as good as known. */
function spellings(value: string): string[] {
  if (value.length < 4) return [];
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const percent = encodeURIComponent(value);
  const lowerCase = percent.replace(/%../g, (code) => code.toLowerCase());
  const form = String(new URLSearchParams([['', value]])).slice(1);
  const written = [value, inJson(value), inJson(inJson(value)), inJson(value).replaceAll('/', '\\/')];
  return [...new Set([...written, percent, lowerCase, form, ...inBase64(Buffer.from(value))])];
}

/** What base64 makes of a value alone or amid others (as in Basic authentication): it depends on where in three bytes it begins. */
function inBase64(value: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), value]).toString('base64url');
    const own = coded.slice(before === 0 ? 0 : before + 1, (before + value.length) % 3 === 0 ? undefined : -1);
    return [own, own.replaceAll('-', '+').replaceAll('_', '/')];
  });
}
