import { afterAll, describe, expect, test } from 'vitest';
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts';
import { AppError } from '../../src/kernel/errors.ts';

/*
 * Ways to write a URL so that a call ends inside. Each is refused before anything is dialled, with one and the same error,
 * whatever the list of hosts says; the names among them resolve to loopback here, as an attacker's own name server would
 * have it.
 */
const vectors: Record<string, string[]> = {
  'loopback, as it is written': [
    '127.0.0.1',
    '127.1.2.3',
    '127.255.255.255',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '0.0.0.0',
  ],
  decimal: ['2130706433', '2852039166', '3232235521', '0'],
  octal: ['0177.0.0.1', '0177.0.0.01', '017700000001', '0251.0376.0251.0376', '0300.0250.0.1'],
  hexadecimal: ['0x7f000001', '0x7f.0.0.1', '0x7f.1', '0xa9fea9fe', '0xA9.0xFE.0xA9.0xFE', '0x0'],
  'with parts left out': ['127.1', '127.0.1', '10.1', '192.168.257', '169.254.43518'],
  'of mixed bases': ['0x7f.0.0.01', '127.0x0.0.1', '0251.254.0xa9.254'],
  'IPv4 in IPv6': [
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:a9fe:a9fe]',
    '[0:0:0:0:0:ffff:10.0.0.1]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[::ffff:0:127.0.0.1]',
  ],
  'NAT64, 6to4 and Teredo': [
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2002:a9fe:a9fe::1]',
    '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  ],
  'private, shared and link-local': [
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.1.1',
    '[fc00::1]',
    '[fd00::1]',
    '[fe80::1]',
    '[fec0::1]',
  ],
  'metadata of clouds': [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
    'metadata.google.internal',
    'metadata.goog',
    'instance-data.ec2.internal',
  ],
  'names of this machine': [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'localhost.localdomain',
    'api.localhost',
    'ip6-localhost',
    'broadcasthost',
  ],
  'names that lead here': ['127.0.0.1.nip.io', 'localtest.me', 'spoofed.example.com', 'xn--e1afmkfd.example'],
  'full-width and other digits': [
    '１２７.０.０.１',
    '①②⑦.⓪.⓪.①',
    '１２７。０。０。１',
    '𝟏𝟐𝟕.𝟎.𝟎.𝟏',
    'ｌｏｃａｌｈｏｓｔ',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  ],
  'dots of other kinds, and dots at the end': [
    '127。0。0。1',
    '127．0．0．1',
    '127.0.0.1.',
    '169.254.169.254.',
    '2130706433.',
  ],
  'percent-encoded': ['%31%32%37.0.0.1', '127%2e0%2e0%2e1', '%6cocalhost', '169.254.169.254%2e'],
  multicast: ['224.0.0.1', '239.255.255.250', '255.255.255.255', '[ff02::1]'],
};

/** What is no URL at all, or one of another kind. */
const malformed = [
  'https://127.0.0.256/',
  'https://0x7f.0.0.0.0.1/',
  'https://[::1%25eth0]/',
  'https://[fe80::1%25lo]/',
  'https://[::1]x/',
  'https://exa mple.com/',
  'https:///127.0.0.1/',
  'https://user:secret@api.example.com/',
  'https://api.example.com:secret@127.0.0.1/',
  'https://secret@[::1]/',
  'https://api.example.com\\@127.0.0.1/',
  'https://api.example.com#@127.0.0.1/',
  'https://api.example.com:99999/',
  'http://api.example.com/',
  '//api.example.com/',
  'api.example.com',
  '',
  'file:///etc/passwd',
  'ftp://api.example.com/',
  'gopher://127.0.0.1:6379/_INFO',
  'dict://127.0.0.1:11211/',
  'data:text/plain,hello',
  'blob:https://api.example.com/x',
  'javascript:alert(1)',
  'ws://127.0.0.1/',
  'jar:https://127.0.0.1!/',
  'HTTP://127.0.0.1/',
  'unix:/var/run/docker.sock',
];

const dialled: string[] = [];
const guarded = (allowedHosts: string[]) =>
  createGuardedFetch({
    allowedHosts,
    withoutList: 'nobody',
    allowLoopbackForDevelopment: false,
    lookup: (name, _options, callback) => {
      dialled.push(name);
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  });
const fetches = { 'every host listed': guarded(['*']), 'only another host listed': guarded(['api.example.com']) };
afterAll(() => Promise.all(Object.values(fetches).map(({ close }) => close())));

async function codeOf(call: Promise<unknown>): Promise<string> {
  const failure = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(failure instanceof AppError)) throw failure ?? new Error('the call succeeded');
  expect(failure.message).not.toContain('secret');
  return failure.code;
}

describe.each(Object.entries(fetches))('with %s', (_list, { fetch }) => {
  describe.each(Object.entries(vectors))('%s', (_kind, hosts) => {
    test.each(hosts)('%s', async (host) => {
      for (const url of [`https://${host}/`, `https://${host}:8443/latest/meta-data`, `http://${host}/`]) {
        expect(await codeOf(fetch(url))).toBe('EGRESS_REFUSED');
      }
    });
  });

  test.each(malformed)('«%s»', async (url) => {
    expect(await codeOf(fetch(url))).toBe('EGRESS_REFUSED');
  });
});

describe('a port', () => {
  const { fetch } = fetches['only another host listed'];

  test.each([22, 25, 443, 6379, 65_535])('is no way round the address: %i', async (port) => {
    expect(await codeOf(fetch(`https://127.0.0.1:${port}/`))).toBe('EGRESS_REFUSED');
    expect(await codeOf(fetch(`https://[::1]:${port}/`))).toBe('EGRESS_REFUSED');
  });

  test('of another protocol is not dialled at a listed host either (Fetch, section 2.9)', async () => {
    dialled.length = 0;
    for (const port of [22, 25, 110, 6667]) {
      expect(await codeOf(fetch(`https://api.example.com:${port}/`))).toBe('EGRESS_FAILED');
    }
    expect(dialled).toEqual([]);
    expect(await codeOf(fetch('https://api.example.com:8443/'))).toBe('EGRESS_REFUSED');
    expect(dialled).toEqual(['api.example.com']);
  });
});
