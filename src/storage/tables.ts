import type { Generated } from 'kysely';
import type { Application } from '../applications/application.ts';
import type { Connection } from '../connections/connection.ts';
import type { Association, Factor, Origin, User } from '../directory/user.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type {
  ApplicationId,
  ConnectionId,
  EventId,
  FactorId,
  GroupId,
  LoginId,
  MailId,
  RoleId,
  SecretId,
  SessionId,
  UserId,
} from '../kernel/ids.ts';
import type { Login } from '../login/login.ts';
import type { SigningKey } from '../oidc/signing-keys.ts';
import type { ScriptAssetId, ScriptAssetKind } from '../script-assets/asset.ts';

/**
 * The tables, as the newest migration leaves them. What every database can hold is all that is used: ids and JSON are
 * text, times are milliseconds since the epoch, booleans are 0 or 1.
 */
export interface Tables {
  applications: ApplicationRow;
  flow_versions: FlowVersionRow;
  scenario_sets: ScenarioSetRow;
  script_assets: ScriptAssetRow;
  script_asset_versions: ScriptAssetVersionRow;
  connections: ConnectionRow;
  connection_domains: ConnectionDomainRow;
  users: UserRow;
  user_attributes: UserAttributeRow;
  roles: RoleRow;
  role_members: RoleMemberRow;
  groups: GroupRow;
  group_members: GroupMemberRow;
  passwords: PasswordRow;
  factors: FactorRow;
  associations: AssociationRow;
  reset_tokens: ResetTokenRow;
  throttles: ThrottleRow;
  logins: LoginRow;
  journal_entries: JournalEntryRow;
  log_lines: LogLineRow;
  federation_states: FederationStateRow;
  artifacts: ArtifactRow;
  signing_keys: SigningKeyRow;
  secrets: SecretRow;
  secret_versions: SecretVersionRow;
  sessions: SessionRow;
  upstream_sessions: UpstreamSessionRow;
  owed_sign_outs: OwedSignOutRow;
  owed_logouts: OwedLogoutRow;
  audit_events: AuditEventRow;
  outbox: OutboxRow;
  tellings: TellingRow;
  schema_versions: SchemaVersionRow;
  probes: ProbeRow;
}

/** 0 or 1. */
export type Flag = number;
/** JSON text. */
export type Json = string;

export interface ApplicationRow {
  id: ApplicationId;
  name: string;
  client_id: string;
  client_type: Application['clientType'];
  client_secret_hash: string | null;
  redirect_uris: Json;
  post_logout_redirect_uris: Json;
  backchannel_logout_uri: string | null;
  backchannel_logout_session_required: Flag;
  consent: Application['consent'];
  disabled: Flag;
  sign_in_rules: Json;
  draft: Json | null;
  live_version: number | null;
  created_at: number;
  updated_at: number;
  revision: number;
}

export interface FlowVersionRow {
  application_id: ApplicationId;
  version: number;
  flow: Json;
  note: string | null;
  created_at: number;
  created_by: string;
  withdrawn_at: number | null;
}

/** Apart from the versions, which every sign-in reads. */
export interface ScenarioSetRow {
  application_id: ApplicationId;
  /** 0 for those beside the draft. */
  version: number;
  items: Json;
}

export interface ScriptAssetRow {
  id: ScriptAssetId;
  kind: ScriptAssetKind;
  name: string;
  /** The name as it is compared; unique among its kind. */
  name_key: string;
  version: number;
  content: string;
  created_at: number;
  updated_at: number;
  revision: number;
}

export interface ScriptAssetVersionRow {
  asset_id: ScriptAssetId;
  version: number;
  content: string;
  note: string | null;
  created_at: number;
  created_by: string;
}

export interface ConnectionRow {
  id: ConnectionId;
  name: string;
  /** The name as it is compared; unique. */
  name_key: string;
  type: Connection['type'];
  preset: Connection['preset'];
  enabled: Flag;
  /** What only connections of its type have. */
  protocol: Json;
  trusts_verified_email: Flag;
  trusted_amr: Json;
  domains: Json;
  leads_linked_people: Flag;
  query_parameters: Json;
  jit: Json;
  claim_mapping: Json;
  role_mapping: Json;
  group_mapping: Json;
  groups_claim: string;
  allowed_domains: Json;
  keys: Json;
  created_at: number;
  updated_at: number;
  revision: number;
}

/** An index over `connections.domains`: a domain belongs to one connection. */
export interface ConnectionDomainRow {
  domain: string;
  connection_id: ConnectionId;
}

export interface UserRow {
  id: UserId;
  subject: string;
  username: string;
  username_key: string;
  user_store: User['userStore'];
  locked: Flag;
  disabled: Flag;
  attributes: Json;
  verified: Json;
  created_at: number;
  updated_at: number;
  revision: number;
}

/** An index over `users.attributes`, to find people by the value of one. */
export interface UserAttributeRow {
  /** SHA-256 (base64url) of URI and value: values may be longer than an index of PostgreSQL holds. */
  digest: string;
  user_id: UserId;
}

export interface RoleRow {
  id: RoleId;
  name: string;
  application_id: ApplicationId | null;
  /** Name and application together, never null; unique. */
  name_key: string;
  created_at: number;
  updated_at: number;
  revision: number;
}

export interface RoleMemberRow {
  role_id: RoleId;
  user_id: UserId;
  origin: Origin;
  /** Among the person's own. */
  position: number;
}

export interface GroupRow {
  id: GroupId;
  name: string;
  created_at: number;
  updated_at: number;
  revision: number;
}

export interface GroupMemberRow {
  group_id: GroupId;
  user_id: UserId;
  origin: Origin;
  /** Among the person's own. */
  position: number;
}

export interface PasswordRow {
  user_id: UserId;
  hash: string;
}

export interface FactorRow {
  id: FactorId;
  user_id: UserId;
  type: Factor['type'];
  secret_sealed: string;
  last_time_step: number | null;
  created_at: number;
}

export interface AssociationRow {
  connection_id: ConnectionId;
  subject: Association['subject'];
  user_id: UserId;
  created_at: number;
}

export interface ResetTokenRow {
  hash: string;
  user_id: UserId;
  expires_at: number;
}

export interface ThrottleRow {
  key: string;
  count: number;
  last_at: number;
  /** When the window closes, unless another wrong answer comes before. */
  ends_at: number;
}

export interface LoginRow {
  id: LoginId;
  interaction_uid: string;
  application_id: ApplicationId;
  version: number;
  browser_hash: string;
  status: Login['status'];
  cursor: number;
  waiting_sealed: string | null;
  result_sealed: string | null;
  user_id: UserId | null;
  reference: string | null;
  failure_code: ErrorCode | null;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
  /** When it ended or, if it has not, when it expires: from then on it is only kept for the record. */
  over_at: number;
  revision: number;
}

export interface JournalEntryRow {
  login_id: LoginId;
  seq: number;
  op: string;
  content_sealed: string;
  note: Flag;
  at: number;
  line_number: number | null;
  column_number: number | null;
  library: string | null;
  cpu_us: number | null;
}

export interface LogLineRow {
  login_id: LoginId;
  after_seq: number;
  ordinal: number;
  level: string;
  text_sealed: string;
  line_number: number | null;
  column_number: number | null;
  library: string | null;
}

export interface FederationStateRow {
  hash: string;
  login_id: LoginId;
  seq: number;
  expires_at: number;
  answer_sealed: string | null;
}

export interface ArtifactRow {
  model: string;
  id: string;
  payload: Json;
  grant_id: string | null;
  user_code: string | null;
  uid: string | null;
  account_id: string | null;
  expires_at: number | null;
  consumed_at: number | null;
}

export interface SigningKeyRow {
  kid: string;
  alg: SigningKey['alg'];
  jwk_sealed: string;
  created_at: number;
  active_at: number;
  retired_at: number | null;
}

export interface SecretRow {
  id: SecretId;
  name: string;
  version: number;
  created_at: number;
  updated_at: number;
  revision: number;
}

export interface SecretVersionRow {
  secret_id: SecretId;
  version: number;
  value_sealed: string;
  created_at: number;
  replaced_at: number | null;
}

export interface SessionRow {
  id: SessionId;
  browser_uid: string;
  subject: string;
  user_id: UserId | null;
  ip: string;
  user_agent: string;
  login_time: number;
  last_access_time: number;
  expires_at: number;
  applications: Json;
  steps_sealed: string;
  revision: number;
}

export interface UpstreamSessionRow {
  login_id: LoginId;
  seq: number;
  connection_id: ConnectionId;
  subject: string;
  name: string;
  sid: string | null;
  browser_uid: string | null;
  back_channel: 'never' | 'always' | 'unless-by-browser';
  content_sealed: string;
  expires_at: number;
}

export interface OwedSignOutRow {
  login_id: LoginId;
  seq: number;
  connection_id: ConnectionId;
  content_sealed: string;
  attempts: number;
  next_attempt_at: number;
  expires_at: number;
}

export interface OwedLogoutRow {
  session_id: SessionId;
  application_id: ApplicationId;
  browser_uid: string;
  subject: string;
  attempts: number;
  next_attempt_at: number;
  expires_at: number;
}

export interface AuditEventRow {
  /** Counts up: events of one millisecond keep their order. */
  seq: Generated<number>;
  id: EventId;
  at: number;
  type: string;
  actor: string;
  target: string | null;
  login_id: string | null;
  reference: string | null;
  code: string | null;
  details: Json;
}

export interface OutboxRow {
  id: MailId;
  content_sealed: string;
  created_at: number;
  expires_at: number;
  attempts: number;
  next_attempt_at: number;
}

export interface TellingRow {
  login_id: LoginId;
  seq: number;
  content_sealed: string;
  expires_at: number;
}

export interface SchemaVersionRow {
  version: number;
  name: string;
  applied_at: number;
}

/** One row, written to see whether the database can be written. */
export interface ProbeRow {
  id: number;
  at: number;
}
