import type { Kysely } from 'kysely';
import type { Stores } from '../stores.ts';
import type { Session } from './statement.ts';
import { defineApplicationStore } from './stores/applications.ts';
import { defineArtifactStore } from './stores/artifacts.ts';
import { defineAuditStore } from './stores/audit.ts';
import { defineConnectionStore } from './stores/connections.ts';
import { defineGroupStore } from './stores/groups.ts';
import { defineLoginStore } from './stores/logins.ts';
import { defineOutboxStore } from './stores/outbox.ts';
import { defineOwedLogoutStore } from './stores/owed-logouts.ts';
import { defineRoleStore } from './stores/roles.ts';
import { defineScenarioStore } from './stores/scenarios.ts';
import { defineScriptAssetStore } from './stores/script-assets.ts';
import { defineSecretStore } from './stores/secrets.ts';
import { defineSessionStore } from './stores/sessions.ts';
import { defineSigningKeyStore } from './stores/signing-keys.ts';
import { defineTellingStore } from './stores/tellings.ts';
import { defineThrottleStore } from './stores/throttle.ts';
import { defineUpstreamSessionStore } from './stores/upstream-sessions.ts';
import { defineUserStore } from './stores/users.ts';
import type { Tables } from './tables.ts';

/**
 * All stores, in two steps: their statements are made once, for one dialect; the stores themselves once for each session,
 * which is cheap, so that every unit of work has its own.
 */
export function defineStores(db: Kysely<Tables>): (session: Session) => Stores {
  const applications = defineApplicationStore(db);
  const artifacts = defineArtifactStore(db);
  const audit = defineAuditStore(db);
  const connections = defineConnectionStore(db);
  const groups = defineGroupStore(db);
  const logins = defineLoginStore(db);
  const outbox = defineOutboxStore(db);
  const owedLogouts = defineOwedLogoutStore(db);
  const roles = defineRoleStore(db);
  const scenarios = defineScenarioStore(db);
  const scriptAssets = defineScriptAssetStore(db);
  const secrets = defineSecretStore(db);
  const sessions = defineSessionStore(db);
  const signingKeys = defineSigningKeyStore(db);
  const tellings = defineTellingStore(db);
  const throttle = defineThrottleStore(db);
  const upstreamSessions = defineUpstreamSessionStore(db);
  const users = defineUserStore(db);

  return (session) => ({
    applications: applications(session),
    artifacts: artifacts(session),
    audit: audit(session),
    connections: connections(session),
    groups: groups(session),
    logins: logins(session),
    outbox: outbox(session),
    owedLogouts: owedLogouts(session),
    roles: roles(session),
    scenarios: scenarios(session),
    scriptAssets: scriptAssets(session),
    secrets: secrets(session),
    sessions: sessions(session),
    signingKeys: signingKeys(session),
    tellings: tellings(session),
    throttle: throttle(session),
    upstreamSessions: upstreamSessions(session),
    users: users(session),
  });
}
