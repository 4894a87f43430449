import { expect, test } from 'vitest';
import { callErrors } from '../../src/kernel/errors/calls.ts';
import { federationErrors } from '../../src/kernel/errors/federation.ts';
import { peopleErrors } from '../../src/kernel/errors/people.ts';
import { requestErrors } from '../../src/kernel/errors/requests.ts';
import { signInErrors } from '../../src/kernel/errors/sign-in.ts';
import { errors } from '../../src/kernel/errors.ts';

test('each code stands in one table, with a cause and a mend', () => {
  const tables = [callErrors, federationErrors, peopleErrors, requestErrors, signInErrors];
  const codes = tables.flatMap((table) => Object.keys(table));
  expect([...codes].sort()).toEqual(Object.keys(errors).sort());
  for (const [code, { status, admin, mend }] of Object.entries(errors)) {
    expect({ code, known: status >= 400 && status < 600, sentences: /\.$/.test(admin) && /\.$/.test(mend) }).toEqual({
      code,
      known: true,
      sentences: true,
    });
  }
});
