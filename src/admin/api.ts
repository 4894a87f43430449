import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../kernel/errors.ts';
import { addApplications } from './applications/applications.ts';
import { addFlowChecks } from './applications/flow-checks.ts';
import { addSignInFlows } from './applications/sign-in-flow.ts';
import { addAuditEvents } from './audit-events.ts';
import { createAuthentication } from './authenticate.ts';
import { compileSchema } from './check-schema.ts';
import { addConnectionKeys } from './connections/connection-keys.ts';
import { addConnectionPresets } from './connections/connection-presets.ts';
import { addConnectionTests } from './connections/connection-tests.ts';
import { addConnections } from './connections/connections.ts';
import type { AdminDeps } from './deps.ts';
import { addExplore } from './lab/explore.ts';
import { addLogins } from './lab/logins.ts';
import { addReplays } from './lab/replays.ts';
import { addScenarios } from './lab/scenarios.ts';
import { describeApi } from './openapi.ts';
import { addAssociations } from './people/associations.ts';
import { addFactors } from './people/factors.ts';
import { addGroups } from './people/groups.ts';
import { addRoles } from './people/roles.ts';
import { addSessions } from './people/sessions.ts';
import { addUsers } from './people/users.ts';
import { createErrorHandler, Problem, sendProblem } from './problems.ts';
import { addReference } from './reference/routes.ts';
import { addMailTemplates } from './scripts/mail-templates.ts';
import { addPromptTemplates } from './scripts/prompt-templates.ts';
import { addScriptLibraries } from './scripts/script-libraries.ts';
import { addScriptReference } from './scripts/script-reference.ts';
import { addScriptTemplates } from './scripts/script-templates.ts';
import { addScriptTypings } from './scripts/script-typings.ts';
import { addSecretComparisons } from './scripts/secret-comparisons.ts';
import { addSecrets } from './scripts/secrets.ts';
import type { AdminServer } from './server.ts';
import { addSettings } from './settings.ts';

const problems = {
  description: 'What was wrong with the request.',
  content: { 'application/problem+json': { schema: Problem } },
};

/** Bytes. A script as long as one may be fits, whatever its letters: as JSON, each of its bytes has six at most. */
function bodyLimitFor({ scriptBytes }: AdminDeps['settings']['scriptLimits']): number {
  return 6 * scriptBytes + 160 * 1024;
}

/**
 * The admin API, as a Fastify plugin to be registered with the prefix `/api`:
 *
 *   /api/v1/…           the resources; every request with the owner's token
 *   /api/openapi.json   their description (OpenAPI 3.1), made from the routes
 *   /api/docs           the same to read, with a first sign-in by curl
 */
export function createAdminApi(deps: AdminDeps): (server: FastifyInstance) => Promise<void> {
  const { settings, clock } = deps;
  const bodyLimit = bodyLimitFor(settings.scriptLimits);

  return async function adminApi(plain: FastifyInstance): Promise<void> {
    const server = plain as unknown as AdminServer;
    server.setErrorHandler(createErrorHandler(deps));
    await server.register(swagger, describeApi(settings));

    await server.register(
      async (scope: AdminServer) => {
        // The schemas describe answers; nothing of an answer is ever cut off because of them.
        scope.setValidatorCompiler(compileSchema);
        scope.setSerializerCompiler(() => (value) => JSON.stringify(value));
        scope.addHook('onRoute', (route) => {
          route.bodyLimit ??= bodyLimit;
          const { schema } = route;
          if (schema) schema.response = { ...(schema.response as object), '4xx': problems };
        });
        scope.addHook('onRequest', createAuthentication({ adminToken: settings.adminToken, clock }));
        scope.setNotFoundHandler((_request, reply) =>
          sendProblem(reply, new AppError('NOT_FOUND', { detail: 'There is no such route.' })),
        );
        addApplications(scope, deps);
        addSignInFlows(scope, deps);
        addFlowChecks(scope, deps);
        addExplore(scope, deps);
        addScenarios(scope, deps);
        addReplays(scope, deps);
        addScriptLibraries(scope, deps);
        addPromptTemplates(scope, deps);
        addMailTemplates(scope, deps);
        addConnections(scope, deps);
        addConnectionKeys(scope, deps);
        addConnectionPresets(scope);
        addConnectionTests(scope, deps);
        addUsers(scope, deps);
        addAssociations(scope, deps);
        addFactors(scope, deps);
        addRoles(scope, deps);
        addGroups(scope, deps);
        addLogins(scope, deps);
        addSessions(scope, deps);
        addAuditEvents(scope, deps);
        addScriptTemplates(scope);
        addScriptReference(scope, deps);
        addScriptTypings(scope, deps);
        addSecrets(scope, deps);
        addSecretComparisons(scope, deps);
        addSettings(scope, deps);
      },
      { prefix: '/v1' },
    );
    await addReference(server, deps.scriptReference);
  };
}
