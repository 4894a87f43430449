import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * The wanted port if nothing listens on it at this host, else any free one. For `localhost` every loopback address counts:
 * a browser may try `::1` first and must not end at somebody else's server.
 */
export async function findFreePort(place: { host: string; wanted?: number }): Promise<number> {
  const { host, wanted = 0 } = place;
  const addresses = host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
  const isFree = async (port: number) =>
    (await Promise.all(addresses.map((address) => tryPort(address, port)))).every((attempt) => attempt !== 'taken');
  if (wanted !== 0 && (await isFree(wanted))) return wanted;
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = randomInt(...quiet);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port can be opened on ${host}.`);
}

/**
 * Systems give outgoing connections ports from 32768 on, or from 49152: one that was free a moment ago, or that a server
 * which starts again wants back, may be in use by then. These are left alone.
 */
const quiet = [20_000, 32_000] as const;
/** Whoever got one of these may not listen on it yet. */
const handedOut = new Set<number>();

/** The first of these hosts on which this machine can listen (127.0.0.2 is not set up everywhere). */
export async function findHost(hosts: readonly string[]): Promise<string> {
  for (const host of hosts) {
    if (typeof (await tryPort(host, 0)) === 'number') return host;
  }
  throw new Error(`This machine can listen on none of ${hosts.join(', ')}.`);
}

function tryPort(address: string, port: number): Promise<number | 'taken' | 'no such address'> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve('taken');
      else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve('no such address');
      else reject(error);
    });
    probe.listen({ host: address, port, exclusive: true }, () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : port));
    });
  });
}
