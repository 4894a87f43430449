import { describe, expect, test } from 'vitest';
import { readHeaders } from '../../src/script-api/http/headers.ts';

describe('the headers of a script’s request', () => {
  test('are any that are not the server’s own, in lower case', () => {
    const given = { 'X-Colour': 'blue', Authorization: 'Bearer t', 'content-type': 'text/plain' };
    expect(readHeaders('httpGet', given)).toEqual({
      'x-colour': 'blue',
      authorization: 'Bearer t',
      'content-type': 'text/plain',
    });
  });

  test.each([
    ...['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'TE', 'Upgrade', 'Expect', 'Accept-Encoding'],
    ...['Cookie', 'Origin', 'Referer', 'Idempotency-Key', 'Sec-Fetch-Site'],
    ...['Forwarded', 'X-Forwarded-For', 'x-forwarded-host', 'X-Real-IP', 'Via', 'Proxy-Authorization'],
    ...['Metadata', 'Metadata-Flavor', 'X-aws-ec2-metadata-token', 'X-AWS-EC2-Metadata-Token-TTL-Seconds'],
  ])('SSRF: %s is not a script’s to set', (name) => {
    expect(() => readHeaders('httpGet', { [name]: '1' })).toThrow(/the server’s own/);
  });

  test.each([
    ['a line break in a value', { 'x-a': 'b\r\nhost: evil' }],
    ['a null byte in a value', { 'x-a': 'b\0' }],
    ['a line break in a name', { 'x-a: b\r\nhost': 'evil' }],
    ['a colon in a name', { 'host:': 'evil' }],
    ['a space before a name', { ' host': 'evil' }],
    ['an empty name', { '': 'evil' }],
  ])('%s is refused', (_what, headers) => {
    expect(() => readHeaders('httpGet', headers)).toThrow();
  });
});
