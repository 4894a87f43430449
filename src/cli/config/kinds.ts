import { ApplicationPatch } from '../../admin/applications/application-schemas.ts';
import { ConnectionPatch } from '../../admin/connections/connection-schemas.ts';
import type { AdminApi, Resource } from '../admin-api.ts';
import { SecretValue } from './secrets.ts';

/** A resource as files have it: without ids and times, and with references in place of secrets. */
export interface ConfigItem {
  /** Unique among its kind. */
  name: string;
  content: Record<string, unknown>;
}

/** An item that is on a server. */
export interface StoredItem extends ConfigItem {
  id: string;
}

export interface Kind {
  name: string;
  /** What `content` may have. */
  fields: readonly string[];
  /** Of these objects every entry counts: what is not written is to be removed. The rest of an object is left alone. */
  whole: readonly string[];
  list(api: AdminApi): Promise<StoredItem[]>;
  /** @returns what the admin must be told once */
  create(api: AdminApi, item: ConfigItem): Promise<string | null>;
  /** @param fields those that are different */
  change(api: AdminApi, before: StoredItem, item: ConfigItem, fields: readonly string[]): Promise<void>;
  delete(api: AdminApi, item: StoredItem): Promise<void>;
}

const maps = ['claimMapping', 'roleMapping', 'groupMapping', 'queryParameters'];
const connectionFields = Object.keys(ConnectionPatch.properties).filter(
  (field) => !['name', 'metadataXml'].includes(field),
);
const applicationFields = Object.keys(ApplicationPatch.properties).filter((field) => field !== 'name');

/** In the order in which they can be made: each names only what comes before it. */
export const kinds: readonly Kind[] = [
  simpleKind({ name: 'groups', fields: [] }),
  simpleKind({ name: 'script-libraries', fields: ['source'], whole: ['source'] }),
  simpleKind({ name: 'prompt-templates', fields: ['template'], whole: ['template'] }),
  simpleKind({ name: 'mail-templates', fields: ['template'], whole: ['template'] }),
  {
    ...simpleKind({ name: 'secrets', fields: ['value'] }),
    async list(api) {
      const all = await api.list('/secrets');
      return all.map(({ id, name, version }) => ({ id, name: String(name), content: { value: { version } } }));
    },
  },
  {
    ...simpleKind({ name: 'connections', fields: ['type', 'preset', ...connectionFields], whole: maps }),
    async list(api) {
      const found: StoredItem[] = [];
      for (const { id } of await api.list('/connections')) {
        const one = await api.get(`/connections/${id}`);
        const secret = one['hasClientSecret'] === true ? { clientSecret: { set: true } } : {};
        const content = { ...pick(one, ['type', 'preset', ...connectionFields]), ...secret };
        found.push({ id, name: String(one['name']), content });
      }
      return found;
    },
  },
  {
    name: 'applications',
    fields: ['clientType', ...applicationFields, 'flow', 'scenarios'],
    whole: ['flow', 'scenarios'],
    async list(api) {
      const found: StoredItem[] = [];
      for (const one of await api.list('/applications')) {
        const { live } = (await api.get(`/applications/${one.id}/sign-in-flow`)) as { live?: Resource | null };
        const { items } = await api.get(`/applications/${one.id}/scenarios`);
        const flow = live ? { flow: pick(live, ['steps', 'script', 'scriptEnabled']) } : {};
        const content = { ...pick(one, ['clientType', ...applicationFields]), ...flow, scenarios: items };
        found.push({ id: one.id, name: String(one['name']), content });
      }
      return found;
    },
    async create(api, { name, content }) {
      const { flow: _, scenarios: __, disabled, ...settings } = content;
      const made = await api.post('/applications', { name, ...settings });
      const before = { id: made.id, name, content: { disabled: false, scenarios: [] } };
      const more = ['disabled', 'scenarios', 'flow'].filter((field) => field in content);
      await this.change(api, before, { name, content }, disabled ? more : more.filter((field) => field !== 'disabled'));
      const secret = typeof made['clientSecret'] === 'string' ? `, client secret ${made['clientSecret']}` : '';
      return `application ${name}: client id ${made['clientId']}${secret}`;
    },
    async change(api, { id }, { content }, fields) {
      const settings = fields.filter((field) => applicationFields.includes(field));
      if (settings.length > 0) await api.patch(`/applications/${id}`, pick(content, settings));
      if (fields.includes('scenarios')) await api.put(`/applications/${id}/scenarios`, { items: content['scenarios'] });
      if (!fields.includes('flow')) return;
      await api.put(`/applications/${id}/sign-in-flow`, content['flow']);
      await api.post(`/applications/${id}/sign-in-flow/publish`, { note: 'Applied from files' });
    },
    delete: (api, { id }) => api.delete(`/applications/${id}`),
  },
  {
    name: 'roles',
    fields: ['application'],
    whole: [],
    async list(api) {
      const applications = new Map((await api.list('/applications')).map(({ id, name }) => [id, String(name)]));
      return (await api.list('/roles')).map(({ id, name, applicationId }) => {
        const application = applicationId === null ? null : (applications.get(String(applicationId)) ?? null);
        return { id, name: roleKey(String(name), application), content: { application } };
      });
    },
    async create(api, { name, content: { application } }) {
      const all = application === null ? [] : await api.list('/applications');
      const applicationId = all.find((one) => one['name'] === application)?.id ?? null;
      await api.post('/roles', {
        name: application === null ? name : name.slice(`${application}: `.length),
        applicationId,
      });
      return null;
    },
    change: async () => {},
    delete: (api, { id }) => api.delete(`/roles/${id}`),
  },
];

/** A role of an application goes with its application's name. */
export function roleKey(name: string, application: string | null): string {
  return application === null ? name : `${application}: ${name}`;
}

/** A resource that is made by its name and its fields, and changed by PATCH. */
function simpleKind({ name: kind, fields, whole = [] }: Pick<Kind, 'name' | 'fields'> & Partial<Kind>): Kind {
  return {
    name: kind,
    fields,
    whole,
    async list(api) {
      const found: StoredItem[] = [];
      for (const { id } of await api.list(`/${kind}`)) {
        const one = await api.get(`/${kind}/${id}`);
        found.push({ id, name: String(one['name']), content: pick(one, fields) });
      }
      return found;
    },
    async create(api, { name, content }) {
      await api.post(`/${kind}`, { name, ...reveal(content) });
      return null;
    },
    async change(api, before, { content }, changed) {
      const patch = Object.fromEntries(
        changed.map((field) => [field, maps.includes(field) ? withNulls(before, content, field) : content[field]]),
      );
      await api.patch(`/${kind}/${before.id}`, reveal(patch));
    },
    delete: (api, { id }) => api.delete(`/${kind}/${id}`),
  };
}

/** PATCH merges: what is to go is null. */
function withNulls(before: ConfigItem, content: ConfigItem['content'], field: string): Record<string, unknown> {
  const gone = Object.keys((before.content[field] ?? {}) as object).map((key) => [key, null]);
  return { ...Object.fromEntries(gone), ...(content[field] as object) };
}

function pick(of: Resource | ConfigItem['content'], fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter((field) => of[field] !== undefined).map((field) => [field, of[field]]));
}

/** As it goes to the server, and to nobody else. */
function reveal(content: ConfigItem['content']): ConfigItem['content'] {
  return Object.fromEntries(
    Object.entries(content).map(([field, value]) => [field, value instanceof SecretValue ? value.reveal() : value]),
  );
}
