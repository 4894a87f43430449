import { join, resolve } from 'node:path';
import { type AdminApi, createAdminApi } from '../admin-api.ts';
import { createDemoApplication } from './application.ts';
import { openDemoDirectory } from './demo-directory.ts';
import { createDemoIdentityProvider } from './identity-provider.ts';
import { createMailCatcher, type MailCatcher } from './mail-catcher.ts';
import { findFreePort, findHost } from './ports.ts';
import { applicationName, connectionName, type SeededScenario, seedScenario } from './scenario.ts';
import { startServerProcess } from './server-process.ts';

/** Of the local people; made up, and printed at every start. */
export const demoPassword = 'try-stepgate-here';

const wantedPorts = { server: 9400, identityProvider: 9401, application: 9402, mailPage: 9403, smtp: 9425 };
const clientIdAtProvider = 'stepgate-demo';

export interface RunningDemo {
  serverUrl: string;
  applicationUrl: string;
  identityProviderUrl: string;
  mails: MailCatcher;
  api: AdminApi;
  scenario: SeededScenario;
  directory: { path: string; secretsFile: string; logFile: string };
  /** Settles when the server's process ends, with how it ended. */
  serverEnded: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts mail catcher, identity provider, server and application, each on its own port and (as cookies ignore ports) its own
 * host, and seeds the scenario. `directory` is the demo's own; see `openDemoDirectory`. What was started is stopped again
 * when a later part fails.
 */
export async function startDemo(options: { directory: string }): Promise<RunningDemo> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopPart of started.splice(0).reverse()) await stopPart();
  };
  try {
    const directory = await openDemoDirectory(resolve(options.directory));
    const serverPort = await findFreePort({ host: 'localhost', wanted: wantedPorts.server });
    const serverUrl = `http://localhost:${serverPort}`;

    const mails = await createMailCatcher({ port: wantedPorts.mailPage, smtpPort: wantedPorts.smtp });
    started.push(mails.close);
    const identityProvider = await createDemoIdentityProvider({
      port: wantedPorts.identityProvider,
      name: connectionName,
      client: {
        id: clientIdAtProvider,
        name: 'Stepgate',
        secret: directory.secrets.identityProviderSecret,
        redirectUris: [`${serverUrl}/login/callback`],
      },
    });
    started.push(identityProvider.close);
    const application = await createDemoApplication({
      host: await findHost(['127.0.0.2', '127.0.0.1']),
      port: wantedPorts.application,
      name: applicationName,
    });
    started.push(application.close);

    const logFile = join(directory.path, 'server.log');
    const server = await startServerProcess({
      command: [join(import.meta.dirname, '../../main.ts')],
      environment: {
        HOST: '127.0.0.1',
        PORT: String(serverPort),
        PUBLIC_URL: serverUrl,
        SMTP_URL: mails.smtpUrl,
        MAIL_FROM: 'Stepgate demo <no-reply@example.com>',
        STEPGATE_DATA: directory.path,
        STEPGATE_ADMIN_TOKEN: directory.secrets.adminToken,
        STEPGATE_ALLOW_LOOPBACK_EGRESS_FOR_DEVELOPMENT: '1',
        STEPGATE_DEMO: '1',
      },
      readyUrl: `http://127.0.0.1:${serverPort}/health/ready`,
      logFile,
    });
    started.push(server.stop);

    const api = createAdminApi({ serverUrl, adminToken: directory.secrets.adminToken });
    const scenario = await seedScenario({
      api,
      identityProvider: {
        issuer: identityProvider.url,
        clientId: clientIdAtProvider,
        clientSecret: directory.secrets.identityProviderSecret,
      },
      application: { ...application, clientSecret: directory.secrets.applicationSecret },
      password: demoPassword,
    });
    await directory.remember({ applicationSecret: scenario.clientSecret });
    application.connect({
      issuer: `${serverUrl}/oidc`,
      clientId: scenario.clientId,
      clientSecret: scenario.clientSecret,
    });

    return {
      serverUrl,
      applicationUrl: application.url,
      identityProviderUrl: identityProvider.url,
      mails,
      api,
      scenario,
      directory: { path: directory.path, secretsFile: directory.secretsFile, logFile },
      serverEnded: server.ended,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
