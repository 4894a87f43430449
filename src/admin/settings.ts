import { Type } from 'typebox';
import type { Settings } from '../settings.ts';
import type { AdminDeps } from './deps.ts';
import { nullable } from './schemas.ts';
import type { AdminServer } from './server.ts';

const SettingsView = Type.Object(
  {
    publicUrl: Type.String(),
    issuer: Type.String({ description: 'What applications know this server by.' }),
    host: Type.String(),
    port: Type.Integer(),
    mail: Type.Object({
      from: Type.String(),
      server: nullable(Type.String(), 'Where mails are handed over, without user name and password; null: nowhere.'),
    }),
    trustedProxies: Type.Array(Type.String()),
    egressHosts: Type.Array(Type.String(), {
      description:
        'Hosts that connections and scripts may call. With none listed, connections may call every public one, and scripts none.',
    }),
    allowLoopbackEgressForDevelopment: Type.Boolean(),
    integrations: Type.Object(
      { analytics: nullable(Type.String()), elastic: nullable(Type.String()) },
      { description: 'Servers that functions of scripts call, without user name and password; null: not set up.' },
    ),
    scriptLimits: Type.Record(Type.String(), Type.Integer(), {
      description: 'What one script may use; the reference of the script interface says what each limits.',
    }),
    loginMinutes: Type.Integer({ description: 'How long a sign-in may stay open.' }),
    loginHistoryDays: Type.Integer(),
    auditDays: Type.Integer(),
    demo: Type.Boolean(),
  },
  { title: 'Settings' },
);

/** `/settings`: what the environment says, without secrets. It is changed there. */
export function addSettings(server: AdminServer, { settings }: AdminDeps): void {
  server.route({
    method: 'GET',
    url: '/settings',
    schema: {
      operationId: 'getSettings',
      tags: ['Settings'],
      summary: 'Read the server’s settings',
      description: 'They come from environment variables, and are changed there. Secrets are left out.',
      response: { 200: SettingsView },
    },
    handler: async () => showSettings(settings),
  });
}

function showSettings(settings: Settings) {
  const { publicUrl, host, port, mailFrom, smtpUrl, trustedProxies, egressHosts } = settings;
  const smtp = smtpUrl === null ? null : URL.parse(smtpUrl);
  return {
    publicUrl,
    issuer: `${publicUrl}/oidc`,
    host,
    port,
    mail: { from: mailFrom, server: smtp && `${smtp.protocol}//${smtp.host}` },
    trustedProxies,
    egressHosts,
    allowLoopbackEgressForDevelopment: settings.allowLoopbackEgressForDevelopment,
    integrations: {
      analytics: settings.integrations.analytics?.url ?? null,
      elastic: settings.integrations.elastic?.url ?? null,
    },
    scriptLimits: { ...settings.scriptLimits },
    loginMinutes: settings.loginMinutes,
    loginHistoryDays: settings.loginHistoryDays,
    auditDays: settings.auditDays,
    demo: settings.demo,
  };
}
