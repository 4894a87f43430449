import type { Kysely } from 'kysely';
import type { Application, ApplicationStore, FlowVersion } from '../../applications/application.ts';
import type { SignInRule } from '../../applications/sign-in-rule.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ApplicationId } from '../../kernel/ids.ts';
import type { Flow, PublishedFlow } from '../../login/flow.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { ApplicationRow, FlowVersionRow, Tables } from '../tables.ts';

export function defineApplicationStore(db: Kysely<Tables>): (session: Session) => ApplicationStore {
  const insert = prepare((row: ApplicationRow) =>
    db
      .insertInto('applications')
      .values(row)
      .onConflict((oc) => oc.doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: ApplicationRow) =>
    db
      .updateTable('applications')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const remove = prepare((p: { id: ApplicationId }) => db.deleteFrom('applications').where('id', '=', p.id));
  const byId = prepare(
    (p: { id: ApplicationId }) => db.selectFrom('applications').selectAll().where('id', '=', p.id),
    fromRow,
  );
  const byClientId = prepare(
    (p: { clientId: string }) => db.selectFrom('applications').selectAll().where('client_id', '=', p.clientId),
    fromRow,
  );
  const byName = prepare(
    (p: { name: string }) => db.selectFrom('applications').selectAll().where('name', '=', p.name),
    fromRow,
  );
  const insertVersion = prepare((row: FlowVersionRow) =>
    db
      .insertInto('flow_versions')
      .values(row)
      .onConflict((oc) => oc.doNothing()),
  );
  const version = prepare(
    (p: { id: ApplicationId; version: number }) =>
      db.selectFrom('flow_versions').selectAll().where('application_id', '=', p.id).where('version', '=', p.version),
    fromVersionRow,
  );
  const versions = prepare(
    (p: { id: ApplicationId }) =>
      db.selectFrom('flow_versions').selectAll().where('application_id', '=', p.id).orderBy('version', 'desc'),
    fromVersionRow,
  );
  const withdraw = prepare((p: { id: ApplicationId; version: number; at: number }) =>
    db
      .updateTable('flow_versions')
      .set({ withdrawn_at: p.at })
      .where('application_id', '=', p.id)
      .where('version', '=', p.version)
      .where('withdrawn_at', 'is', null),
  );

  return (session) => ({
    async insert(application) {
      if (!(await insert.run(session, toRow(application)))) throw new AppError('CONFLICT');
    },
    async update(application) {
      return (await update.run(session, toRow(application))) > 0;
    },
    async delete(id) {
      await remove.run(session, { id });
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByClientId(clientId) {
      return byClientId.first(session, { clientId });
    },
    async findByName(name) {
      return byName.first(session, { name });
    },
    async list({ after, limit }) {
      let page = db.selectFrom('applications').selectAll().orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as ApplicationId);
      return (await query(session, page)).map(fromRow);
    },
    async insertVersion(version) {
      if (!(await insertVersion.run(session, toVersionRow(version)))) throw new AppError('CONFLICT');
    },
    async findVersion(id, number) {
      return version.first(session, { id, version: number });
    },
    async listVersions(id) {
      return versions.all(session, { id });
    },
    async withdrawVersion(id, version, at) {
      await withdraw.run(session, { id, version, at });
    },
  });
}

function toRow(application: Application): ApplicationRow {
  return {
    id: application.id,
    name: application.name,
    client_id: application.clientId,
    client_type: application.clientType,
    client_secret_hash: application.clientSecretHash,
    redirect_uris: JSON.stringify(application.redirectUris),
    post_logout_redirect_uris: JSON.stringify(application.postLogoutRedirectUris),
    backchannel_logout_uri: application.backchannelLogoutUri,
    backchannel_logout_session_required: Number(application.backchannelLogoutSessionRequired),
    consent: application.consent,
    disabled: Number(application.disabled),
    sign_in_rules: JSON.stringify(application.signInRules),
    draft: application.draft && JSON.stringify(application.draft),
    live_version: application.liveVersion,
    created_at: application.createdAt,
    updated_at: application.updatedAt,
    revision: application.revision,
  };
}

function fromRow(row: ApplicationRow): Application {
  return {
    id: row.id,
    name: row.name,
    clientId: row.client_id,
    clientType: row.client_type,
    clientSecretHash: row.client_secret_hash,
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    postLogoutRedirectUris: JSON.parse(row.post_logout_redirect_uris) as string[],
    backchannelLogoutUri: row.backchannel_logout_uri,
    backchannelLogoutSessionRequired: row.backchannel_logout_session_required === 1,
    consent: row.consent,
    disabled: row.disabled === 1,
    signInRules: JSON.parse(row.sign_in_rules) as SignInRule[],
    draft: row.draft === null ? null : (JSON.parse(row.draft) as Flow),
    liveVersion: row.live_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
  };
}

function toVersionRow(version: FlowVersion): FlowVersionRow {
  return {
    application_id: version.applicationId,
    version: version.version,
    flow: JSON.stringify(version.flow),
    note: version.note,
    created_at: version.createdAt,
    created_by: version.createdBy,
    withdrawn_at: version.withdrawnAt,
  };
}

function fromVersionRow(row: FlowVersionRow): FlowVersion {
  return {
    applicationId: row.application_id,
    version: row.version,
    flow: JSON.parse(row.flow) as PublishedFlow,
    note: row.note,
    createdAt: row.created_at,
    createdBy: row.created_by,
    withdrawnAt: row.withdrawn_at,
  };
}
