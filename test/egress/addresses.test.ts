import { describe, expect, test } from 'vitest';
import { isLoopbackAddress, isPublicAddress } from '../../src/egress/addresses.ts';

const publicAddresses = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::8a',
];

const refused: Record<string, string[]> = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'],
  'unspecified and «this network»': ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd12:3456::1'],
  'shared by a carrier, also cloud metadata': ['100.64.0.1', '100.100.100.200', '100.127.255.255'],
  'link-local, also cloud metadata': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'cloud metadata elsewhere': ['fd00:ec2::254', '168.63.129.16', '192.0.0.192'],
  'multicast and broadcast': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1', 'ff0e::1'],
  'reserved, documentation, benchmarking': [
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.1',
    '2001:db8::1',
    '3fff::1',
    '2001:2::1',
    '100::1',
  ],
  'old site-local': ['fec0::1'],
  'IPv4 mapped into IPv6': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '0:0:0:0:0:ffff:a9fe:a9fe'],
  'IPv4 compatible': ['::127.0.0.1', '::7f00:1', '::8.8.8.8'],
  'translated (RFC 6145, NAT64)': ['::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::127.0.0.1', '64:ff9b:1::1'],
  '6to4': ['2002:7f00:1::', '2002:a9fe:a9fe::1', '192.88.99.1'],
  Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001::1'],
  'not given out to anybody': ['4000::1', '8000::1', '5f00::1', '::2'],
  'not an address in its one spelling': [
    '',
    'localhost',
    '2130706433',
    '0x7f.1',
    '127.1',
    '0177.0.0.1',
    '134744072',
    '0x8.8.8.8',
    '8.8.2056',
    '010.8.8.8',
    '1.1.1.1%eth0',
    '2606:4700::1111%eth0',
    '[::1]',
  ],
};

test.each(publicAddresses)('%s may be called', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

describe.each(Object.entries(refused))('%s', (_name, addresses) => {
  test.each(addresses)('«%s» is refused', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', false],
  ['localhost', false],
  ['10.0.0.1', false],
  ['8.8.8.8', false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
});
