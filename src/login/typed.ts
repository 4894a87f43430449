import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';
import { type Reference, replacePlaceholders, writePlaceholder } from '../secrets/placeholder.ts';
import type { Login } from './login.ts';

/*
 * What people type into fields that an authenticator consumes (a password, a code) is kept in this process alone, and no
 * longer than their login runs. Scripts and journals hold a placeholder; only the host opens it.
 */
export interface TypedFields {
  /** Keeps a form's fields for the journal entry that it led to; @returns them as `context.request.params` shows them. */
  keep(login: Pick<Login, 'id' | 'expiresAt'>, seq: number, form: Readonly<Record<string, string>>): Params;
  /** Null where it is not known (any more). */
  open(login: LoginId, reference: Pick<Reference, 'name' | 'version'>): string | null;
  /** The text with what is known in its places; nothing stands where it is not. */
  reveal(login: LoginId, text: string): Promise<string>;
  /** The first placeholder of a password in a text whose value is not known any more: after a restart, say. */
  findForgotten(login: LoginId, text: string): Promise<Reference | null>;
  forget(login: LoginId): void;
}

type Params = Record<string, string[]>;

const consumed = ['password', 'code'] as const;

/** In UTF-16 code units, of all logins together; the oldest are forgotten first, and their people asked again. */
const mostCharacters = 4_000_000;

export function createTypedFields({
  box,
  clock,
}: {
  box: Pick<CryptoBox, 'mac'>;
  clock: { now(): number };
}): TypedFields {
  const kept = new Map<LoginId, { until: number; values: Map<string, string> }>();
  let characters = 0;

  function forget(login: LoginId): void {
    const values = kept.get(login)?.values ?? new Map<string, string>();
    for (const value of values.values()) characters -= value.length;
    kept.delete(login);
  }

  function add({ id, expiresAt }: Pick<Login, 'id' | 'expiresAt'>, place: string, value: string): void {
    const { values } = kept.get(id) ?? { values: new Map<string, string>() };
    characters += value.length - (values.get(place)?.length ?? 0);
    kept.set(id, { until: expiresAt, values: values.set(place, value) });
    for (const [other, { until }] of kept) {
      if (other === id || (until > clock.now() && characters <= mostCharacters)) break;
      forget(other);
    }
  }

  const open: TypedFields['open'] = (login, { name, version }) =>
    kept.get(login)?.values.get(`${name}/${version}`) ?? null;

  return {
    keep(login, seq, form) {
      const params: Params = {};
      if (form['username'] !== undefined) params['username'] = [form['username'].trim().slice(0, 255)];
      for (const name of consumed) {
        const value = form[name];
        if (!value) continue;
        add(login, `${name}/${seq}`, value);
        params[name] = [writePlaceholder(box, login.id, { kind: 'typed', name, version: seq })];
      }
      return params;
    },
    open,
    reveal: (login, text) =>
      replacePlaceholders(box, login, text, async (reference, placeholder) =>
        reference.kind === 'typed' ? (open(login, reference) ?? '') : placeholder,
      ),
    async findForgotten(login, text) {
      let forgotten: Reference | null = null;
      await replacePlaceholders(box, login, text, async (reference, placeholder) => {
        // A code works once: typing it again helps nobody.
        const counts = reference.kind === 'typed' && reference.name === 'password';
        if (counts && open(login, reference) === null) forgotten ??= reference;
        return placeholder;
      });
      return forgotten;
    },
    forget,
  };
}
