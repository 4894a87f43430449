import { describe, expect, it } from 'vitest';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { newId } from '../../src/kernel/ids.ts';
import { createTypedFields } from '../../src/login/typed.ts';
import { writePlaceholder } from '../../src/secrets/placeholder.ts';

/** What people type: a script is shown what stands for it, and only the host opens that. */

const box = createCryptoBox({ keys: new Map([['k1', Buffer.alloc(32, 1)]]), macKey: Buffer.alloc(32, 2) });
const login = { id: newId('login'), expiresAt: 1000 };
const other = { id: newId('login'), expiresAt: 1000 };

function start() {
  const clock = { time: 0, now: () => clock.time };
  return { clock, typed: createTypedFields({ box, clock }) };
}
const password = { name: 'password', version: 1 };
const handle = (name = 'password', version = 1, of = login.id) =>
  writePlaceholder(box, of, { kind: 'typed', name, version });

describe('context.request.params', () => {
  it.each<[Record<string, string>, Record<string, string[]>]>([
    [{ username: ' ann ' }, { username: ['ann'] }],
    [{ username: 'a'.repeat(256) }, { username: ['a'.repeat(255)] }],
    [{ username: '' }, { username: [''] }],
    [{ password: 'geheim' }, { password: [handle()] }],
    [{ code: '123456' }, { code: [handle('code')] }],
    [{ password: '', code: '' }, {}],
    [{ csrf: 'x', state: 'y', action: 'resend', option: 'Google', other: 'z' }, {}],
    [
      { username: 'ann', password: 'p', code: 'c' },
      { username: ['ann'], password: [handle()], code: [handle('code')] },
    ],
  ])('has of the form %j what may be shown', (form, params) => {
    expect(start().typed.keep(login, 1, form)).toEqual(params);
  });
});

describe('What stands for a field', () => {
  it('is opened in its own login, under its own name and number', async () => {
    const { typed } = start();
    typed.keep(login, 1, { password: 'geheim', code: '123' });
    typed.keep(login, 4, { password: 'neu' });
    expect(typed.open(login.id, password)).toBe('geheim');
    expect(typed.open(login.id, { name: 'password', version: 4 })).toBe('neu');
    expect(typed.open(other.id, password)).toBeNull();
    expect(await typed.reveal(login.id, `<${handle()}|${handle('code')}|${handle('password', 4)}>`)).toBe(
      '<geheim|123|neu>',
    );
    // Another login's, one that was made up, and a secret's are texts like any other.
    const secret = writePlaceholder(box, login.id, { kind: 'secret', name: 'password', version: 1 });
    const text = `${handle('password', 1, other.id)} typed~password~1~aaaaaaaaaaaaaaaaaaaaaa~ ${secret}`;
    expect(await typed.reveal(login.id, text)).toBe(text);
  });

  it('stands for nothing once it is forgotten, and of a password that is told', async () => {
    const { typed } = start();
    typed.keep(login, 1, { password: 'geheim', code: '123' });
    typed.keep(other, 1, { password: 'bleibt' });
    expect(await typed.findForgotten(login.id, handle())).toBeNull();
    typed.forget(login.id);
    expect(typed.open(login.id, password)).toBeNull();
    expect(await typed.reveal(login.id, `<${handle()}>`)).toBe('<>');
    expect(await typed.findForgotten(login.id, `a ${handle('password', 7)} ${handle()}`)).toMatchObject({ version: 7 });
    expect(await typed.findForgotten(login.id, handle('code'))).toBeNull();
    expect(await typed.findForgotten(login.id, 'typed~password~1~')).toBeNull();
    const secret = writePlaceholder(box, login.id, { kind: 'secret', name: 'password', version: 1 });
    expect(await typed.findForgotten(login.id, secret)).toBeNull();
    expect(typed.open(other.id, password)).toBe('bleibt');
  });

  it('is forgotten when its login is over, at the next that is typed', () => {
    const { typed, clock } = start();
    typed.keep(login, 1, { password: 'geheim' });
    clock.time = 999;
    typed.keep({ ...other, expiresAt: 5000 }, 1, { password: 'a' });
    expect(typed.open(login.id, password)).toBe('geheim');
    clock.time = 1000;
    typed.keep({ ...other, expiresAt: 5000 }, 2, { password: 'b' });
    expect(typed.open(login.id, password)).toBeNull();
    expect(typed.open(other.id, password)).toBe('a');
  });

  it('is forgotten when there is too much of it, the oldest login first, and what is given back counts no more', () => {
    const { typed } = start();
    const logins = Array.from({ length: 5 }, () => ({ id: newId('login'), expiresAt: 1000 }));
    const keep = (i: number, size = 1_000_000) => typed.keep(logins[i]!, 1, { password: 'x'.repeat(size) });
    const kept = () => logins.map(({ id }) => typed.open(id, password) !== null);
    for (const i of [0, 1, 2, 3]) keep(i);
    expect(kept()).toEqual([true, true, true, true, false]);
    keep(3);
    expect(kept()).toEqual([true, true, true, true, false]);
    keep(4, 1);
    expect(kept()).toEqual([false, true, true, true, true]);
    typed.forget(logins[1]!.id);
    keep(0);
    expect(kept()).toEqual([true, false, true, true, true]);
    // What was typed last stays, however long it is.
    keep(1, 5_000_000);
    expect(kept()).toEqual([false, true, false, false, false]);
  });
});
