import { stepOptions } from '../../sandbox/protocol.ts';
import { valueTypes } from '../../sandbox/value-types.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { ScriptFunction } from './definition.ts';
import { describeDryRun } from './dry-run.ts';
import { scriptFunctions } from './index.ts';
import { type ObjectMember, scriptObjects } from './objects.ts';
import { callHandlers, handlerNamesOf, stepHandlers } from './rules.ts';

/** What the typings of an application know of it. Names that are null are not known: any text is taken. */
export interface TypingsSubject {
  /** An option whose connection is not known has no name for its authenticator. */
  steps: readonly { options: readonly { idp: string; authenticator: string | null }[] }[];
  /** Names of authenticators as scripts may write them, with the parameters that each reads. */
  authenticators: readonly { name: string; aliases: readonly string[]; parameters: readonly { name: string }[] }[];
  connections: readonly string[] | null;
  roles: readonly string[] | null;
  applicationRoles: readonly string[] | null;
  groups: readonly string[] | null;
  libraries: readonly string[] | null;
  secrets: readonly string[] | null;
}

/** The editor's typings (`.d.ts`) for one application's scripts, made from the definitions. */
export function writeTypings(subject: TypingsSubject): string {
  return [
    '// What sign-in scripts may say. Made by Stepgate for one application; needs lib ES2024 alone.',
    ...names(subject),
    ...declareLibraries(subject),
    ...objects(subject),
    ...executeStep(subject),
    ...[...scriptFunctions.values()]
      .filter(({ internal, name }) => !internal && name !== 'executeStep')
      .flatMap(declare),
    '/** A text that stands for the value of each secret: the value is put in while it is sent. */',
    'declare const secrets: { readonly [Name in SecretName]: string };',
    '/** Write `/** @type {OnLoginRequest} *\\/` before it, and the editor knows what `context` is in the entry itself. */',
    'type OnLoginRequest = (context: Context) => void;',
    'declare const Log: Log;',
    'declare const console: Log;',
    '',
  ].join('\n');
}

const quote = (text: string) => JSON.stringify(text);
/** A name that is not known may be any. */
const union = (texts: readonly (string | null)[]) =>
  texts.includes(null) ? 'string' : [...new Set(texts)].map((text) => quote(text!)).join(' | ') || 'never';
const comment = (text: string, indent = '') => `${indent}/** ${text} */`;

function names({ connections, roles, applicationRoles, groups, secrets }: TypingsSubject): string[] {
  return [
    'type Text = string | number | boolean;',
    'type Flag = boolean | "true" | "false";',
    '/** A name that must be one of these where the text says which; a name that is worked out may be any. */',
    'type Known<T extends string, Names extends string> = string extends T ? T : T extends Names ? T : Names;',
    'type KnownList<T extends readonly string[], Names extends string> = { [I in keyof T]: Known<T[I], Names> };',
    `type ConnectionName = ${connections === null ? 'string' : union(connections.flatMap(bothSpellings))};`,
    `type RoleName = ${roles === null ? 'string' : union(roles)};`,
    `type ApplicationRoleName = ${applicationRoles === null ? 'string' : union(applicationRoles)};`,
    '/** Those of this server; a provider may have others. */',
    `type GroupName = ${[...(groups ?? []).map(quote), '(string & {})'].join(' | ')};`,
    `type SecretName = ${secrets === null ? 'string' : union(secrets)};`,
    '/** Read as texts; numbers, booleans and null may be written. */',
    'type Claims = { [uri: string]: any };',
    '/** What the provider said, as it came; null for somebody who signed in here. */',
    'type RemoteClaims = any;',
    'type Provisioning = { result: "pending" | "known" | "created" | "updated" | "linked" | "unchanged" | "disabled" | "skipped" | "refused" | "failed"; userId: string | null };',
  ];
}

/** What `require` finds; TypeScript looks for modules, in whatever way the function is declared. */
function declareLibraries({ libraries }: TypingsSubject): string[] {
  const modules = libraries?.flatMap((name) => {
    const plain = name.replace(/\.js$/, '');
    return [plain, `${plain}.js`];
  }) ?? ['*'];
  return modules.map((name) => `declare module ${quote(name)} { const library: any; export = library; }`);
}

/** A space in a connection's name may be written as an underscore. */
function bothSpellings(name: string): string[] {
  return [name, name.replaceAll(' ', '_')];
}

function objects({ steps }: TypingsSubject): string[] {
  return [
    ...scriptObjects.flatMap(({ name, summary, members }) => [
      comment(summary),
      // A step says which it is: its members are of the names that it offers itself.
      `interface ${name}${name === 'Step' ? '<Idp, Authenticator>' : ''} {`,
      ...members.flatMap((member) => [comment(member.summary, '  '), `  ${declareMember(member)}`]),
      '}',
    ]),
    'interface Steps {',
    // The number may be worked out.
    '  readonly [step: number]: Step<string, string>;',
    ...steps.map(({ options }, i) => {
      const idp = union(options.map((option) => option.idp));
      const authenticator = union(options.map((option) => option.authenticator));
      return `  readonly ${i + 1}: Step<${idp}, ${authenticator}>;`;
    }),
    '}',
  ];
}

function declareMember({ name, typescript, access }: ObjectMember): string {
  if (access === 'read') return `readonly ${name}: ${typescript};`;
  return `${name}${access === 'write and delete' ? '?' : ''}: ${typescript};`;
}

function executeStep({ steps, authenticators }: TypingsSubject): string[] {
  const fn = scriptFunctions.get('executeStep')!;
  const numbers = steps.flatMap((_, i) => [String(i + 1), quote(String(i + 1))]);
  const spellings = (name: string | null) => {
    if (name === null) return [null];
    const known = authenticators.find((each) => each.name === name);
    return known ? [known.name, ...known.aliases] : [name];
  };
  const offered = steps.map(({ options }, i) => {
    const idps = union(options.flatMap(({ idp }) => (idp === localIdp ? [idp] : bothSpellings(idp))));
    const own = union(options.flatMap(({ authenticator }) => spellings(authenticator)));
    return `  ${quote(String(i + 1))}: { idp: ${idps}; authenticator: ${own} };`;
  });
  const local = authenticators.flatMap(({ name, aliases, parameters }) =>
    [name, ...aliases].map(
      (each) => `${quote(each)}?: { ${parameters.map((parameter) => `${parameter.name}?: Text`).join('; ')} }`,
    ),
  );
  return [
    `type StepNumber = ${numbers.join(' | ') || 'never'};`,
    'type KnownStep<N> = N extends StepNumber ? N : number extends N ? N : string extends N ? N : StepNumber;',
    'interface StepOffers {',
    ...offered,
    '}',
    // The keys are texts, as property names are; a number is asked for by its text.
    `type Offer<N extends Text> = \`\${N}\` extends keyof StepOffers ? StepOffers[\`\${N}\`] : StepOffers[keyof StepOffers];`,
    'interface Choice { idp?: string; authenticator?: string }',
    'type Choices = readonly Choice[] | { readonly [index: string]: Choice };',
    'type Offered<T, Names> = T extends string ? (string extends T ? string : Names) : string;',
    'type OfferedChoices<C, N extends Text> = { [I in keyof C]: { [K in keyof C[I]]: K extends "idp" | "authenticator" ? Offered<C[I][K], Offer<N>[K]> : never } };',
    callbacks('StepCallbacks', stepHandlers, 'context: Context'),
    callbacks('CallCallbacks', callHandlers, 'context: Context, data: any'),
    'interface StepOptions<C, N extends Text> {',
    '  authenticationOptions?: C & OfferedChoices<C, N>;',
    `  authenticatorParams?: { local?: { ${local.join('; ')} }; federated?: { [Name in ConnectionName]?: { [name: string]: Text } }; common?: { [name: string]: Text } };`,
    `  stepOptions?: { ${Object.keys(stepOptions)
      .map((name) => `${name}?: Flag`)
      .join('; ')} };`,
    '}',
    describe(fn),
    'declare function executeStep<const N extends string | number, const C extends Choices>(step: KnownStep<N>, callbacksOrOptions?: StepCallbacks | StepOptions<C, N>): void;',
    'declare function executeStep<const N extends string | number, const C extends Choices>(step: KnownStep<N>, options: StepOptions<C, N> | null, callbacks: StepCallbacks): void;',
  ];
}

function callbacks(name: string, handlers: readonly string[], parameters: string): string {
  return `interface ${name} { ${handlers.map((handler) => `${handler}?: (${parameters}) => void`).join('; ')} }`;
}

/** What the editor shows beside a function. */
function describe(fn: ScriptFunction): string {
  const limits = Object.entries(fn.limits ?? {}).map(([name, { value, unit }]) => `${name} ${value} ${unit}`);
  return comment(
    [
      fn.summary,
      ...(limits.length > 0 ? [`Limits: ${limits.join(', ')}.`] : []),
      `In a dry run: ${describeDryRun(fn)}`,
      ...(fn.deprecated === undefined ? [] : [`@deprecated ${fn.deprecated}`]),
    ].join('\n * '),
  );
}

const promptCallbacks = `{ [name: \`on\${string}\`]: (context: Context) => void }`;
const preHandledCallbacks = `${promptCallbacks} & ${valueTypes['prompt validators'].typescript}`;

/** A declaration for each number of its optional parameters that a call may give, since callbacks come behind them. */
function declare(fn: ScriptFunction): string[] {
  const required = fn.parameters.filter(({ optional }) => !optional).length;
  const handlers = handlerNamesOf(fn);
  const type = handlers !== 'any' ? 'CallCallbacks' : 'preHandlerOp' in fn ? preHandledCallbacks : promptCallbacks;
  const counts = fn.handlers
    ? Array.from({ length: fn.parameters.length - required + 1 }, (_, i) => required + i)
    : [fn.parameters.length];
  return [fn.name, ...(fn.aliases ?? [])].flatMap((name) =>
    counts.flatMap((count) => {
      const parameters = fn.parameters.slice(0, count);
      const generics = parameters.flatMap((parameter) => genericOf(parameter) ?? []);
      const list = parameters.map((parameter) => {
        const mark = parameter.optional && !fn.handlers ? '?' : '';
        const nullable = parameter.optional ? ' | null' : '';
        return `${parameter.name}${mark}: ${typeOf(parameter)}${nullable}`;
      });
      const behind = parameters.at(-1)?.behindHandlers === true;
      const callbacks = `callbacks${fn.handlers === 'always' || behind ? '' : '?'}: ${type}`;
      const lists = !fn.handlers ? [list] : behind ? [list, list.toSpliced(-1, 0, callbacks)] : [[...list, callbacks]];
      if (fn.tenantInFront) lists.push(['tenant: string', ...list]);
      const of = generics.length > 0 ? `<${generics.join(', ')}>` : '';
      return lists.flatMap((each) => [
        describe(fn),
        `declare function ${name}${of}(${each.join(', ')}): ${fn.result.typescript};`,
      ]);
    }),
  );
}

const nameTypes = {
  role: 'RoleName',
  'role to give': 'RoleName',
  'application role': 'ApplicationRoleName',
  secret: 'SecretName',
} as const;

function genericOf({ type, names: of }: ScriptFunction['parameters'][number]): string | null {
  if (of === undefined || of === 'group') return null;
  return type === 'texts' ? 'T extends readonly string[]' : 'T extends string';
}

function typeOf({ type, names: of }: ScriptFunction['parameters'][number]): string {
  if (of === 'group') return 'readonly GroupName[]';
  if (of === undefined) return valueTypes[type].typescript;
  return `${type === 'texts' ? 'KnownList' : 'Known'}<T, ${nameTypes[of]}>`;
}
