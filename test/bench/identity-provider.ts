import { createServer } from 'node:http';
import { createDemoIdentityProvider } from '../../src/cli/demo/identity-provider.ts';
import type { DemoPerson } from '../../src/cli/demo/people.ts';

/* The upstream provider of the bench, in a process of its own, with as many people as a run needs. */

const { PORT = '0', COUNT_PORT = '0', PEOPLE = '0', CALLBACKS = '' } = process.env;
const people = Array.from({ length: Number(PEOPLE) }, (_, i): DemoPerson => {
  const name = `person-${i}`;
  return {
    sub: name,
    email: `${name}@example.com`,
    email_verified: true,
    given_name: 'Person',
    family_name: String(i),
    name: `Person ${i}`,
    groups: [],
  };
});
const provider = await createDemoIdentityProvider({
  host: '127.0.0.1',
  port: Number(PORT),
  client: { id: 'stepgate', secret: 'secret', redirectUris: CALLBACKS.split(' ') },
  people,
});
createServer((_request, response) => {
  response.end(JSON.stringify(provider.requests()));
}).listen(Number(COUNT_PORT), '127.0.0.1');
