import type { ApplicationStore } from '../applications/application.ts';
import type { AuditStore } from '../audit/event.ts';
import type { ConnectionStore } from '../connections/connection.ts';
import type { UserStore } from '../directory/user.ts';
import type { OwedLogoutStore } from '../sessions/owed-logout.ts';
import type { SessionStore } from '../sessions/session.ts';
import type { UpstreamSessionStore } from '../sessions/upstream.ts';
import type { ArtifactStore } from './artifact.ts';
import type { SigningKeyStore } from './signing-keys.ts';

/** The stores that the applications' side needs. */
export interface OidcStores {
  applications: ApplicationStore;
  artifacts: ArtifactStore;
  audit: AuditStore;
  connections: ConnectionStore;
  owedLogouts: OwedLogoutStore;
  sessions: SessionStore;
  signingKeys: SigningKeyStore;
  upstreamSessions: UpstreamSessionStore;
  users: UserStore;
}
