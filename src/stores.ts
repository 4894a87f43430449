import type { ApplicationStore } from './applications/application.ts';
import type { AuditStore } from './audit/event.ts';
import type { ConnectionStore } from './connections/connection.ts';
import type { GroupStore } from './directory/group.ts';
import type { RoleStore } from './directory/role.ts';
import type { ThrottleStore } from './directory/throttle.ts';
import type { UserStore } from './directory/user.ts';
import type { ScenarioStore } from './lab/scenario-types.ts';
import type { LoginStore } from './login/login.ts';
import type { TellingStore } from './login/telling.ts';
import type { OutboxStore } from './mail/outbox.ts';
import type { ArtifactStore } from './oidc/artifact.ts';
import type { SigningKeyStore } from './oidc/signing-keys.ts';
import type { ScriptAssetStore } from './script-assets/asset.ts';
import type { SecretStore } from './secrets/secret.ts';
import type { OwedLogoutStore } from './sessions/owed-logout.ts';
import type { SessionStore } from './sessions/session.ts';
import type { UpstreamSessionStore } from './sessions/upstream.ts';

/** All stores of the database. Each is an interface that its user owns; a part of the server names only those it needs. */
export interface Stores {
  applications: ApplicationStore;
  artifacts: ArtifactStore;
  audit: AuditStore;
  connections: ConnectionStore;
  groups: GroupStore;
  logins: LoginStore;
  outbox: OutboxStore;
  owedLogouts: OwedLogoutStore;
  roles: RoleStore;
  scenarios: ScenarioStore;
  scriptAssets: ScriptAssetStore;
  secrets: SecretStore;
  sessions: SessionStore;
  signingKeys: SigningKeyStore;
  tellings: TellingStore;
  throttle: ThrottleStore;
  upstreamSessions: UpstreamSessionStore;
  users: UserStore;
}
