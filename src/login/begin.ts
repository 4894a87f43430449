import { randomInt } from 'node:crypto';
import { AppError } from '../kernel/errors.ts';
import { newId, newSecret } from '../kernel/ids.ts';
import { findLiveOfBrowser } from '../sessions/find.ts';
import type { StartAnswer } from './answers.ts';
import { hashBrowserSecret } from './browser.ts';
import type { LoginDeps } from './deps.ts';
import { linksAccounts } from './flow.ts';
import type { LoginStarter } from './handoff.ts';
import type { Login, LoginRequest } from './login.ts';
import { nameOptions } from './options.ts';
import { tenantDomain } from './world.ts';

/** Begins logins: pins the flow's version, and writes the journal's first entry with the login itself. */
export function createLoginStarter(deps: LoginDeps): LoginStarter {
  const { database, clock, journals, authenticators } = deps;
  return {
    async begin({ interactionUid, clientId, request, browserUid }) {
      const application = await database.read.applications.findByClientId(clientId);
      if (!application) throw new AppError('CLIENT_UNKNOWN');
      if (application.disabled) throw new AppError('CLIENT_DISABLED');
      const { id: applicationId, liveVersion, name } = application;
      const version =
        liveVersion === null ? null : await database.read.applications.findVersion(applicationId, liveVersion);
      if (!version || version.withdrawnAt !== null) {
        throw new AppError('VERSION_WITHDRAWN', { detail: `«${name}» has no sign-in flow that is live.` });
      }
      const now = clock.now();
      const { sessions } = database.read;
      const session = browserUid === null ? null : await findLiveOfBrowser(sessions, browserUid, now);
      const browserSecret = newSecret();
      const login: Login = {
        id: newId('login'),
        interactionUid,
        applicationId,
        version: version.version,
        browserHash: hashBrowserSecret(browserSecret),
        status: 'running',
        cursor: 1,
        waitingSealed: null,
        resultSealed: null,
        userId: null,
        reference: null,
        failureCode: null,
        createdAt: now,
        expiresAt: now + deps.loginLifetime,
        endedAt: null,
        revision: 1,
      };
      const start: StartAnswer = {
        at: now,
        seed: randomInt(2 ** 32),
        asked: request,
        request: seenByScript(request),
        requestedAcr: request.acrValues,
        session: session?.id ?? null,
        steps: await nameOptions(version.flow, database.read, authenticators),
        tenantDomain,
        serviceProviderName: name,
        ...(linksAccounts(version.flow) ? { links: true as const } : {}),
      };
      await database.unit(async ({ logins }) => {
        await logins.insert(login);
        await journals.append(logins, login.id, 0, {
          op: 'start',
          args: '[]',
          answer: JSON.stringify(start),
          at: now,
          line: null,
          column: null,
          cpuUs: null,
        });
      });
      return { loginId: login.id, browserSecret };
    },
  };
}

/** The request as `context.request` shows it: parameters are lists, cookies are objects. */
function seenByScript({ ip, headers, params, cookies }: LoginRequest): StartAnswer['request'] {
  return {
    ip,
    headers,
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])),
    cookies: Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name, { value }])),
  };
}
