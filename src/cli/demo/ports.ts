import { createServer } from 'node:net';

/**
 * The wanted port if nothing listens on it at this host, else any free one. For `localhost` every loopback address counts:
 * a browser may try `::1` first and must not end at somebody else's server.
 */
export async function findFreePort(place: { host: string; wanted?: number }): Promise<number> {
  const { host, wanted = 0 } = place;
  const addresses = host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
  if (wanted !== 0) {
    const attempts = await Promise.all(addresses.map((address) => tryPort(address, wanted)));
    if (attempts.every((attempt) => attempt !== 'taken')) return wanted;
  }
  const port = await tryPort(addresses[0] as string, 0);
  if (typeof port !== 'number') throw new Error(`No port can be opened on ${host}.`);
  return port;
}

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
