import { type SchemaModule, sql } from 'kysely';
import type { Migration, MigrationTypes } from '../migrate.ts';

export const firstSchema: Migration = {
  version: 1,
  name: 'first schema',
  up: ({ schema, types }) => [
    ...applications(schema),
    ...directory(schema),
    ...scripts(schema),
    ...logins(schema),
    ...openIdConnect(schema),
    ...sessions(schema),
    ...records(schema, types),
  ],
};

const applications = (schema: SchemaModule) => [
  schema
    .createTable('applications')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('client_id', 'text', (c) => c.notNull().unique())
    .addColumn('client_type', 'text', (c) => c.notNull())
    .addColumn('client_secret_hash', 'text')
    .addColumn('redirect_uris', 'text', (c) => c.notNull())
    .addColumn('post_logout_redirect_uris', 'text', (c) => c.notNull())
    .addColumn('backchannel_logout_uri', 'text')
    .addColumn('backchannel_logout_session_required', 'integer', (c) => c.notNull())
    .addColumn('consent', 'text', (c) => c.notNull())
    .addColumn('disabled', 'integer', (c) => c.notNull())
    .addColumn('sign_in_rules', 'text', (c) => c.notNull())
    .addColumn('draft', 'text')
    .addColumn('live_version', 'integer')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  schema
    .createTable('flow_versions')
    .addColumn('application_id', 'text', (c) => c.notNull().references('applications.id').onDelete('cascade'))
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('flow', 'text', (c) => c.notNull())
    .addColumn('note', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('withdrawn_at', 'bigint')
    .addPrimaryKeyConstraint('flow_versions_key', ['application_id', 'version']),
  schema
    .createTable('scenario_sets')
    .addColumn('application_id', 'text', (c) => c.notNull().references('applications.id').onDelete('cascade'))
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('items', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('scenario_sets_key', ['application_id', 'version']),
  schema
    .createTable('script_assets')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_key', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addUniqueConstraint('script_assets_name', ['kind', 'name_key']),
  schema
    .createTable('script_asset_versions')
    .addColumn('asset_id', 'text', (c) => c.notNull().references('script_assets.id').onDelete('cascade'))
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('note', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('script_asset_versions_key', ['asset_id', 'version']),
  schema
    .createTable('connections')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_key', 'text', (c) => c.notNull().unique())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('preset', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addColumn('protocol', 'text', (c) => c.notNull())
    .addColumn('trusts_verified_email', 'integer', (c) => c.notNull())
    .addColumn('trusted_amr', 'text', (c) => c.notNull())
    .addColumn('domains', 'text', (c) => c.notNull())
    .addColumn('leads_linked_people', 'integer', (c) => c.notNull())
    .addColumn('query_parameters', 'text', (c) => c.notNull())
    .addColumn('jit', 'text', (c) => c.notNull())
    .addColumn('claim_mapping', 'text', (c) => c.notNull())
    .addColumn('role_mapping', 'text', (c) => c.notNull())
    .addColumn('group_mapping', 'text', (c) => c.notNull())
    .addColumn('groups_claim', 'text', (c) => c.notNull())
    .addColumn('allowed_domains', 'text', (c) => c.notNull())
    .addColumn('keys', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  schema
    .createTable('connection_domains')
    .addColumn('domain', 'text', (c) => c.primaryKey())
    .addColumn('connection_id', 'text', (c) => c.notNull().references('connections.id').onDelete('cascade')),
  schema.createIndex('connection_domains_by_connection').on('connection_domains').columns(['connection_id']),
];

const scripts = (schema: SchemaModule) => [
  schema
    .createTable('secrets')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  schema
    .createTable('secret_versions')
    .addColumn('secret_id', 'text', (c) => c.notNull().references('secrets.id').onDelete('cascade'))
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('value_sealed', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('replaced_at', 'bigint')
    .addPrimaryKeyConstraint('secret_versions_key', ['secret_id', 'version']),
];

const directory = (schema: SchemaModule) => [
  schema
    .createTable('users')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('subject', 'text', (c) => c.notNull().unique())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('username_key', 'text', (c) => c.notNull().unique())
    .addColumn('user_store', 'text', (c) => c.notNull())
    .addColumn('locked', 'integer', (c) => c.notNull())
    .addColumn('disabled', 'integer', (c) => c.notNull())
    .addColumn('attributes', 'text', (c) => c.notNull())
    .addColumn('verified', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  schema
    .createTable('user_attributes')
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('user_attributes_key', ['digest', 'user_id']),
  schema.createIndex('user_attributes_by_user').on('user_attributes').columns(['user_id']),
  schema
    .createTable('roles')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('application_id', 'text', (c) => c.references('applications.id').onDelete('cascade'))
    .addColumn('name_key', 'text', (c) => c.notNull().unique())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  schema.createIndex('roles_by_application').on('roles').columns(['application_id', 'id']),
  schema
    .createTable('groups')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  ...(['role', 'group'] as const).flatMap((kind) => [
    schema
      .createTable(`${kind}_members`)
      .addColumn(`${kind}_id`, 'text', (c) => c.notNull().references(`${kind}s.id`).onDelete('cascade'))
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('position', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint(`${kind}_members_key`, ['user_id', `${kind}_id`]),
    schema
      .createIndex(`${kind}_members_by_${kind}`)
      .on(`${kind}_members`)
      .columns([`${kind}_id`, 'user_id']),
  ]),
  schema
    .createTable('passwords')
    .addColumn('user_id', 'text', (c) => c.primaryKey().references('users.id').onDelete('cascade'))
    .addColumn('hash', 'text', (c) => c.notNull()),
  schema
    .createTable('factors')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('secret_sealed', 'text', (c) => c.notNull())
    .addColumn('last_time_step', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull()),
  schema.createIndex('factors_by_user').on('factors').columns(['user_id', 'created_at']),
  schema
    .createTable('associations')
    .addColumn('connection_id', 'text', (c) => c.notNull().references('connections.id').onDelete('cascade'))
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('associations_key', ['connection_id', 'subject']),
  schema.createIndex('associations_by_user').on('associations').columns(['user_id', 'created_at']),
  schema
    .createTable('reset_tokens')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('expires_at', 'bigint', (c) => c.notNull()),
  schema.createIndex('reset_tokens_by_user').on('reset_tokens').columns(['user_id']),
  schema.createIndex('reset_tokens_by_expiry').on('reset_tokens').columns(['expires_at']),
  schema
    .createTable('throttles')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull()),
  schema.createIndex('throttles_by_end').on('throttles').columns(['ends_at']),
];

const logins = (schema: SchemaModule) => [
  // No reference to applications and users: a login stays on record when they are gone.
  schema
    .createTable('logins')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('interaction_uid', 'text', (c) => c.notNull().unique())
    .addColumn('application_id', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('browser_hash', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('cursor', 'integer', (c) => c.notNull())
    .addColumn('waiting_sealed', 'text')
    .addColumn('result_sealed', 'text')
    .addColumn('user_id', 'text')
    .addColumn('reference', 'text')
    .addColumn('failure_code', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('over_at', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  schema.createIndex('logins_by_time').on('logins').columns(['created_at', 'id']),
  schema.createIndex('logins_by_application').on('logins').columns(['application_id', 'created_at', 'id']),
  schema
    .createIndex('logins_by_user')
    .on('logins')
    .columns(['user_id', 'created_at', 'id'])
    .where(sql.ref('user_id'), 'is not', null),
  // The running ones of an account or a version are few beside all that were ever: an index of their own finds them.
  schema
    .createIndex('logins_running')
    .on('logins')
    .columns(['application_id', 'version'])
    .where(sql.ref('status'), '=', 'running'),
  schema
    .createIndex('logins_by_reference')
    .on('logins')
    .columns(['reference'])
    .where(sql.ref('reference'), 'is not', null),
  schema.createIndex('logins_by_end').on('logins').columns(['over_at']),
  schema
    .createIndex('logins_abandoned')
    .on('logins')
    .columns(['over_at'])
    .where(sql.ref('status'), '=', 'running')
    .where(sql.ref('user_id'), 'is', null),
  schema
    .createTable('journal_entries')
    .addColumn('login_id', 'text', (c) => c.notNull().references('logins.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('op', 'text', (c) => c.notNull())
    .addColumn('content_sealed', 'text', (c) => c.notNull())
    .addColumn('note', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('line_number', 'integer')
    .addColumn('column_number', 'integer')
    .addColumn('library', 'text')
    .addColumn('cpu_us', 'bigint')
    .addPrimaryKeyConstraint('journal_entries_key', ['login_id', 'seq']),
  schema
    .createTable('log_lines')
    .addColumn('login_id', 'text', (c) => c.notNull().references('logins.id').onDelete('cascade'))
    .addColumn('after_seq', 'integer', (c) => c.notNull())
    .addColumn('ordinal', 'integer', (c) => c.notNull())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('text_sealed', 'text', (c) => c.notNull())
    .addColumn('line_number', 'integer')
    .addColumn('column_number', 'integer')
    .addColumn('library', 'text')
    .addPrimaryKeyConstraint('log_lines_key', ['login_id', 'after_seq', 'ordinal']),
  schema
    .createTable('federation_states')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('login_id', 'text', (c) => c.notNull().references('logins.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('answer_sealed', 'text'),
  schema.createIndex('federation_states_by_login').on('federation_states').columns(['login_id']),
];

const openIdConnect = (schema: SchemaModule) => [
  schema
    .createTable('artifacts')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('grant_id', 'text')
    .addColumn('user_code', 'text')
    .addColumn('uid', 'text')
    .addColumn('account_id', 'text')
    .addColumn('expires_at', 'bigint')
    .addColumn('consumed_at', 'bigint')
    .addPrimaryKeyConstraint('artifacts_key', ['model', 'id']),
  ...(['grant_id', 'user_code', 'uid', 'account_id', 'expires_at'] as const).map((column) =>
    schema
      .createIndex(`artifacts_by_${column}`)
      .on('artifacts')
      .columns([column])
      .where(sql.ref(column), 'is not', null),
  ),
  schema
    .createTable('signing_keys')
    .addColumn('kid', 'text', (c) => c.primaryKey())
    .addColumn('alg', 'text', (c) => c.notNull())
    .addColumn('jwk_sealed', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('active_at', 'bigint', (c) => c.notNull())
    .addColumn('retired_at', 'bigint'),
];

const sessions = (schema: SchemaModule) => [
  // No reference to users: a session may be of somebody without an account.
  schema
    .createTable('sessions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('browser_uid', 'text', (c) => c.notNull().unique())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text')
    .addColumn('ip', 'text', (c) => c.notNull())
    .addColumn('user_agent', 'text', (c) => c.notNull())
    .addColumn('login_time', 'bigint', (c) => c.notNull())
    .addColumn('last_access_time', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('applications', 'text', (c) => c.notNull())
    .addColumn('steps_sealed', 'text', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull()),
  schema.createIndex('sessions_by_time').on('sessions').columns(['login_time', 'id']),
  schema.createIndex('sessions_by_subject').on('sessions').columns(['subject', 'login_time', 'id']),
  schema
    .createIndex('sessions_by_user')
    .on('sessions')
    .columns(['user_id', 'login_time', 'id'])
    .where(sql.ref('user_id'), 'is not', null),
  schema.createIndex('sessions_by_expiry').on('sessions').columns(['expires_at']),
  schema
    .createTable('upstream_sessions')
    .addColumn('login_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('connection_id', 'text', (c) => c.notNull().references('connections.id').onDelete('cascade'))
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('sid', 'text')
    .addColumn('browser_uid', 'text')
    .addColumn('back_channel', 'text', (c) => c.notNull())
    .addColumn('content_sealed', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('upstream_sessions_key', ['login_id', 'seq']),
  schema.createIndex('upstream_sessions_by_name').on('upstream_sessions').columns(['connection_id', 'name']),
  schema
    .createIndex('upstream_sessions_by_sid')
    .on('upstream_sessions')
    .columns(['connection_id', 'sid'])
    .where(sql.ref('sid'), 'is not', null),
  schema
    .createIndex('upstream_sessions_by_browser')
    .on('upstream_sessions')
    .columns(['browser_uid'])
    .where(sql.ref('browser_uid'), 'is not', null),
  schema.createIndex('upstream_sessions_by_expiry').on('upstream_sessions').columns(['expires_at']),
  schema
    .createTable('owed_sign_outs')
    .addColumn('login_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('connection_id', 'text', (c) => c.notNull().references('connections.id').onDelete('cascade'))
    .addColumn('content_sealed', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_attempt_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('owed_sign_outs_key', ['login_id', 'seq']),
  schema.createIndex('owed_sign_outs_by_connection').on('owed_sign_outs').columns(['connection_id']),
  schema.createIndex('owed_sign_outs_by_due').on('owed_sign_outs').columns(['next_attempt_at', 'connection_id']),
  schema
    .createTable('owed_logouts')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('application_id', 'text', (c) => c.notNull().references('applications.id').onDelete('cascade'))
    .addColumn('browser_uid', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_attempt_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('owed_logouts_key', ['session_id', 'application_id']),
  schema.createIndex('owed_logouts_by_application').on('owed_logouts').columns(['application_id']),
  schema.createIndex('owed_logouts_by_due').on('owed_logouts').columns(['next_attempt_at', 'application_id']),
];

const records = (schema: SchemaModule, types: MigrationTypes) => [
  schema
    .createTable('audit_events')
    .addColumn('seq', types.counter.type, types.counter.build)
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('target', 'text')
    .addColumn('login_id', 'text')
    .addColumn('reference', 'text')
    .addColumn('code', 'text')
    .addColumn('details', 'text', (c) => c.notNull()),
  schema.createIndex('audit_events_by_type').on('audit_events').columns(['type', 'seq']),
  ...(['target', 'login_id', 'reference'] as const).map((column) =>
    schema
      .createIndex(`audit_events_by_${column}`)
      .on('audit_events')
      .columns([column, 'seq'])
      .where(sql.ref(column), 'is not', null),
  ),
  // Erasing a person looks through these: whom they are about stands in their details alone.
  schema
    .createIndex('audit_events_about_nobody')
    .on('audit_events')
    .columns(['seq'])
    .where(sql.ref('target'), 'is', null),
  schema
    .createTable('outbox')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('content_sealed', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_attempt_at', 'bigint', (c) => c.notNull()),
  schema.createIndex('outbox_by_due').on('outbox').columns(['next_attempt_at', 'created_at']),
  schema
    .createTable('tellings')
    .addColumn('login_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('content_sealed', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('tellings_key', ['login_id', 'seq']),
  schema.createIndex('tellings_by_expiry').on('tellings').columns(['expires_at', 'login_id', 'seq']),
  schema
    .createTable('probes')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull()),
];
