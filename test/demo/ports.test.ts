import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findFreePort, findHost } from '../../src/cli/demo/ports.ts';

async function whileTaken(host: string, check: (port: number) => Promise<void>) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  try {
    await check((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

test('a port that is free is given as wanted', async () => {
  const wanted = await findFreePort({ host: '127.0.0.1' });
  expect(await findFreePort({ host: '127.0.0.1', wanted })).toBe(wanted);
});

test('a port that is taken is replaced by another', () =>
  whileTaken('127.0.0.1', async (port) => {
    const found = await findFreePort({ host: '127.0.0.1', wanted: port });
    expect(found).not.toBe(port);
    expect(found).toBeGreaterThan(0);
  }));

test.each(['127.0.0.1', '::1'])('localhost is taken when %s is', async (address) => {
  if ((await findHost([address, '127.0.0.1'])) !== address) return;
  await whileTaken(address, async (port) => {
    expect(await findFreePort({ host: 'localhost', wanted: port })).not.toBe(port);
  });
});

test('the first host of this machine is taken', async () => {
  expect(await findHost(['192.0.2.1', '127.0.0.1'])).toBe('127.0.0.1');
  await expect(findHost(['192.0.2.1'])).rejects.toThrow('192.0.2.1');
});
