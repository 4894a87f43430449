import { Type } from 'typebox';
import type { ConnectionTest } from '../../connection-tests/connection-test.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { AdminDeps } from '../deps.ts';
import { createRecords } from '../records.ts';
import { ById, Id, nullable, Time } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { getConnection } from './connections.ts';

const tags = ['Connections'];
const Names = Type.Array(Type.String());

const CallView = Type.Object({
  by: Type.Enum(['server', 'browser']),
  method: Type.String(),
  url: Type.String({ description: 'Without its query.' }),
  sent: Type.Array(Type.String(), { description: 'Names alone; no value is kept.' }),
  status: nullable(Type.Integer(), 'HTTP; null where there was no answer, or where only the browser saw it.'),
  answered: Type.Array(Type.String(), { description: 'Names in the answer’s JSON.' }),
  milliseconds: nullable(Type.Integer()),
});

const HopView = Type.Object(
  {
    name: Type.String(),
    outcome: Type.Enum(['passed', 'warning', 'failed']),
    calls: Type.Array(CallView),
    checked: Type.Array(Type.String(), { description: 'What holds, a sentence each.' }),
    cause: nullable(Type.String()),
    mend: nullable(Type.String()),
  },
  { title: 'ConnectionTestHop' },
);

const PreviewView = Type.Object({
  result: Type.String({ description: 'As in `provisioning`, or `asks`: the person would be asked first.' }),
  userId: nullable(Id),
  username: Type.Object({ value: Type.String(), from: Type.String() }),
  attributes: Type.Array(Type.Object({ claim: Type.String(), uri: Type.String(), value: Type.String() })),
  verified: Names,
  remoteGroups: Names,
  groups: Names,
  roles: Names,
  amr: Names,
  asks: Names,
  changes: Type.Array(
    Type.Object({ what: Type.String(), before: nullable(Type.String()), after: nullable(Type.String()) }),
  ),
  problem: nullable(Type.Object({ code: Type.String(), detail: Type.String() })),
});

const TestView = Type.Object(
  {
    id: Id,
    connectionId: Id,
    result: Type.Enum(['waiting', 'passed', 'failed'], { description: 'waiting: nobody has come back yet.' }),
    url: nullable(
      Type.String(),
      'Open this in a browser and sign in. Null when there is no way there, or it was used.',
    ),
    hops: Type.Array(HopView, { description: 'The way there and back, in its order.' }),
    subject: nullable(Type.String()),
    claims: nullable(Type.Record(Type.String(), Type.Unknown()), 'As they came.'),
    preview: nullable(PreviewView, 'What provisioning would do with the person. Nothing of it was done.'),
    expiresAt: Time,
  },
  { title: 'ConnectionTest' },
);

/** `/connections/:id/test`: a look at each hop of the way to a provider, and a round trip that changes nothing. */
export function addConnectionTests(server: AdminServer, { database, clock, connectionTests }: AdminDeps): void {
  const record = createRecords({ clock });

  server.route({
    method: 'POST',
    url: '/connections/:id/test',
    schema: {
      operationId: 'testConnection',
      tags,
      summary: 'Test a connection',
      description:
        'Looks at all that can be looked at without a person, then waits 15 minutes for somebody to sign in at `url`. No account, session or sign-in comes of it; a disabled connection can be tested too.',
      params: ById,
      response: { 201: TestView },
    },
    handler: async ({ params }, reply) => {
      const connection = await getConnection(database.read, params.id);
      const test = await connectionTests.begin(connection);
      const details = { connection: connection.name, test: test.id, result: test.result };
      await database.unit((stores) => record(stores, { type: 'connection.tested', target: connection.id, details }));
      reply.code(201).header('cache-control', 'no-store');
      return show(test);
    },
  });

  server.route({
    method: 'GET',
    url: '/connections/:id/test/:testId',
    schema: {
      operationId: 'getConnectionTest',
      tags,
      summary: 'Read how a test went',
      description: 'What came back, hop by hop, and what provisioning would do. It is kept until `expiresAt`.',
      params: Type.Object({ id: Id, testId: Id }),
      response: { 200: TestView },
    },
    handler: async ({ params }, reply) => {
      const found = await connectionTests.find(params.id as ConnectionId, params.testId);
      if (!found) throw new AppError('NOT_FOUND', { detail: 'The connection has no such test, or it is over.' });
      reply.header('cache-control', 'no-store');
      return show(found);
    },
  });
}

function show(test: ConnectionTest) {
  return { ...test, expiresAt: new Date(test.expiresAt).toISOString() };
}
