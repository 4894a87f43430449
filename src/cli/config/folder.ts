import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Static, type TSchema, Type } from 'typebox';
import { checkFile } from '../flow-file.ts';
import { readJson, readText, UsageError } from '../terminal.ts';
import { type ConfigItem, kinds, roleKey } from './kinds.ts';
import { holders, refer } from './secrets.ts';

/** All items by the name of their kind. */
export type Configuration = Map<string, ConfigItem[]>;

/*
 *   groups.json                       ["staff"]
 *   roles.json                        [{"name": "reader", "application": "Payroll"}]
 *   secrets.json                      [{"name": "RISK_KEY", "value": {"fromEnv": "STEPGATE_SECRET_RISK_KEY"}}]
 *   script-libraries/greetings.js
 *   prompt-templates/terms.json
 *   mail-templates/new-device.json
 *   connections/Google.json
 *   applications/Payroll/application.json, flow.json, script.js, scenarios.json
 */

const Role = Type.Object({
  name: Type.String(),
  application: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
const Secret = Type.Object({ name: Type.String(), value: Type.Unknown() });

/** @throws UsageError for what cannot be read, or is no configuration */
export function readFolder(folder: string): Configuration {
  const at = (...path: string[]) => join(folder, ...path);
  if (!existsSync(folder)) throw new UsageError(`${folder} is not there.`);
  const all: Configuration = new Map();
  const list = <const S extends TSchema>(file: string, schema: S, toItem: (one: Static<S>) => ConfigItem) => {
    if (!existsSync(at(file))) return;
    const items = checkFile(Type.Array(schema), readJson(at(file)), at(file));
    all.set(file.replace('.json', ''), items.map(toItem));
  };
  list('groups.json', Type.String(), (name) => ({ name, content: {} }));
  list('roles.json', Role, ({ name, application = null }) => ({
    name: roleKey(name, application),
    content: { application },
  }));
  list('secrets.json', Secret, ({ name, ...content }) => ({ name, content }));
  const each = (kind: string, read: (file: string) => ConfigItem['content'], suffix: string) => {
    if (!existsSync(at(kind))) return;
    const files = readdirSync(at(kind))
      .filter((file) => file.endsWith(suffix))
      .sort();
    all.set(
      kind,
      files.map((file) => ({
        name: fromFileName(file.slice(0, file.length - suffix.length)),
        content: read(at(kind, file)),
      })),
    );
  };
  each('script-libraries', (file) => ({ source: readText(file) }), '');
  each('prompt-templates', (file) => ({ template: readJson(file) }), '.json');
  each('mail-templates', (file) => ({ template: readJson(file) }), '.json');
  each('connections', (file) => readJson(file) as ConfigItem['content'], '.json');
  each('applications', readApplication, '');
  for (const { name: kind, fields } of kinds) {
    for (const { name, content } of all.get(kind) ?? []) {
      const unknown = Object.keys(content).find((field) => !fields.includes(field));
      if (unknown !== undefined)
        throw new UsageError(`${folder}: ${kind} «${name}»: there is no setting «${unknown}».`);
    }
  }
  return all;
}

function readApplication(folder: string): ConfigItem['content'] {
  const content = { ...(readJson(join(folder, 'application.json')) as ConfigItem['content']) };
  const flow = join(folder, 'flow.json');
  const script = join(folder, 'script.js');
  const scenarios = join(folder, 'scenarios.json');
  if (existsSync(flow)) {
    const text = existsSync(script) ? readText(script) : null;
    content['flow'] = { script: text, scriptEnabled: text !== null, ...(readJson(flow) as object) };
  }
  if (existsSync(scenarios)) content['scenarios'] = (readJson(scenarios) as { items: unknown }).items;
  return content;
}

/**
 * Writes a configuration, so that the same one always makes the same bytes. Files of items that are gone are removed, others
 * are left alone. @returns the files that were written or removed
 */
export function writeFolder(folder: string, stored: Configuration): string[] {
  const there: Configuration = existsSync(folder) ? readFolder(folder) : new Map();
  const files = listFiles(withReferences(stored, there));
  const touched: string[] = [];
  for (const [path, text] of files) {
    const file = join(folder, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    touched.push(path);
  }
  for (const path of listFiles(there).keys()) {
    if (files.has(path)) continue;
    rmSync(join(folder, path));
    touched.push(path);
  }
  return touched.sort();
}

function listFiles(all: Configuration): Map<string, string> {
  const files = new Map<string, string>();
  const of = (kind: string) => all.get(kind) ?? [];
  if (of('groups').length > 0)
    files.set(
      'groups.json',
      toText(
        of('groups')
          .map(({ name }) => name)
          .sort(),
      ),
    );
  if (of('roles').length > 0) {
    const roles = of('roles').map(({ name, content: { application } }) =>
      application === null ? { name } : { name: name.slice(`${application}: `.length), application },
    );
    files.set('roles.json', toText(roles.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))));
  }
  for (const { name, content } of of('script-libraries')) {
    files.set(`script-libraries/${toFileName(name)}`, String(content['source']));
  }
  for (const kind of ['prompt-templates', 'mail-templates']) {
    for (const { name, content } of of(kind))
      files.set(`${kind}/${toFileName(name)}.json`, toText(content['template']));
  }
  if (of('secrets').length > 0) {
    const secrets = of('secrets').map(({ name, content: { value } }) => ({ name, value }));
    files.set('secrets.json', toText(secrets.sort((a, b) => (a.name < b.name ? -1 : 1))));
  }
  for (const { name, content } of of('connections')) files.set(`connections/${toFileName(name)}.json`, toText(content));
  for (const { name, content } of of('applications')) {
    const { flow, scenarios, ...settings } = content;
    const at = `applications/${toFileName(name)}`;
    files.set(`${at}/application.json`, toText(settings));
    if (flow) {
      const { script, ...rest } = flow as { script: string | null };
      files.set(`${at}/flow.json`, toText(rest));
      if (script !== null) files.set(`${at}/script.js`, script);
    }
    if (Array.isArray(scenarios) && scenarios.length > 0)
      files.set(`${at}/scenarios.json`, toText({ items: scenarios }));
  }
  return files;
}

/** Whatever secret is set is named by a reference. */
function withReferences(stored: Configuration, there: Configuration): Configuration {
  const all = new Map(stored);
  for (const holder of holders) {
    const { name: kind, field } = holder;
    const items = (stored.get(kind) ?? []).map(({ name, content }) => {
      if (content[field] === undefined) return { name, content };
      const before = there.get(kind)?.find((one) => one.name === name);
      return { name, content: { ...content, [field]: refer(holder, name, before?.content[field]) } };
    });
    all.set(kind, items);
  }
  return all;
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** No name leads out of the folder, or hides in it. */
function toFileName(name: string): string {
  return encodeURIComponent(name).replaceAll('%20', ' ').replaceAll('*', '%2A').replace(/^\./, '%2E');
}

function fromFileName(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    throw new UsageError(`${file} is not the name of a file that export would write.`);
  }
}
