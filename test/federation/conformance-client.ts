import type { Vouched } from '../../src/authenticators/federated/protocol.ts';
import { createOidcProtocol } from '../../src/authenticators/federated-oidc/index.ts';
import { sealClientSecret } from '../../src/connections/client-secret.ts';
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { aConnection, box } from '../provisioning/people.ts';
import { type ConformanceProvider, createConformanceProvider, type Module } from './conformance-provider.ts';

/** Our side of federation against a provider that plays modules. */
export interface ConformanceClient {
  provider: ConformanceProvider;
  /** A sign-in by a client that has not met the provider before, unless it is told to remember it. */
  signsIn(module: Module, remembers?: boolean): Promise<Vouched>;
  close(): Promise<unknown>;
}

export async function createConformanceClient(): Promise<ConformanceClient> {
  const client = { id: 'stepgate', secret: 'a-secret-of-the-suite' };
  const provider = await createConformanceProvider(client);
  const { fetch: guarded, close } = createGuardedFetch({
    allowedHosts: [],
    withoutList: 'anybody',
    allowLoopbackForDevelopment: true,
  });
  const made = aConnection({ issuer: provider.url, clientId: client.id, scopes: ['openid', 'email', 'profile'] });
  const connection = { ...made, clientSecretSealed: sealClientSecret(box, made.id, client.secret) };
  const create = () =>
    createOidcProtocol({ publicUrl: 'https://login.example.com', fetch: guarded, box, clock: systemClock });
  let protocol = create();
  return {
    provider,
    async signsIn(module, remembers = false) {
      provider.play(module);
      if (!remembers) protocol = create();
      const asked = { loginHint: null, prompt: [], maxAge: null };
      const { url, kept } = await protocol.depart(connection, { state: 'state', parameters: {}, asked });
      const answer = await fetch(url, { redirect: 'manual' });
      const { searchParams } = new URL(answer.headers.get('location') ?? '');
      return protocol.read(connection, kept, Object.fromEntries(searchParams));
    },
    close: () => Promise.all([provider.close(), close()]),
  };
}
