import type { Authenticator, AuthenticatorDefinition } from '../authenticators/authenticator.ts';
import { connectionKey } from '../connections/connection.ts';
import { authenticatorName } from '../connections/presets.ts';
import { nameOfToday } from '../kernel/authenticator-names.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { Stores } from '../stores.ts';
import type { Flow } from './flow.ts';

/** An option of a step as scripts see it: `LOCAL` and an authenticator's name, or a connection and its preset's name. */
export interface StepOption {
  idp: string;
  authenticator: string;
}

/** Authenticators whose form can stand beside other ways. */
export const passwordName = 'BasicAuthenticator';
export const identifierName = 'IdentifierExecutor';

/** Authenticators by name and alias: the working ones of a server, or their definitions alone. */
export interface Registry<A extends AuthenticatorDefinition> {
  find(name: string): A | null;
  /** What signs people in through connections. */
  readonly federated: A;
}

export type AuthenticatorRegistry = Registry<Authenticator>;
export type AuthenticatorNames = Registry<AuthenticatorDefinition>;

export function createRegistry<A extends AuthenticatorDefinition>(local: readonly A[], federated: A): Registry<A> {
  const byName = new Map(local.flatMap((each) => [each.name, ...each.aliases].map((name) => [name, each] as const)));
  return { find: (name) => byName.get(name) ?? null, federated };
}

/** The flow's options with the names that scripts compare with. */
export async function nameOptions(
  flow: Flow,
  { connections }: Pick<Stores, 'connections'>,
  registry: AuthenticatorNames,
): Promise<{ options: StepOption[] }[]> {
  return Promise.all(
    flow.steps.map(async ({ options }) => ({
      options: await Promise.all(
        options.map(async (option) => {
          if ('authenticator' in option) {
            return { idp: localIdp, authenticator: registry.find(option.authenticator)?.name ?? option.authenticator };
          }
          const connection = await connections.findByName(option.idp);
          return {
            idp: connection?.name ?? option.idp,
            authenticator: authenticatorName(connection),
          };
        }),
      ),
    })),
  );
}

/** Those that can be chosen as things are: a connection that is disabled or gone leads nowhere. */
export async function listOpenOptions(
  { connections }: Pick<Stores, 'connections'>,
  options: readonly StepOption[],
): Promise<StepOption[]> {
  const open = await Promise.all(
    options.map(async ({ idp }) => idp === localIdp || (await connections.findByName(idp))?.enabled === true),
  );
  return options.filter((_option, i) => open[i]);
}

/** What a script may hand to executeStep as options. */
export interface StepOptions {
  authenticationOptions?: unknown;
  authenticatorParams?: unknown;
  stepOptions?: unknown;
}

/**
 * Those of a step's options that executeStep asked for.
 * @throws ScriptCallError when none is left: a filter that matches nothing must not show everything.
 */
export function filterOptions(step: number, options: readonly StepOption[], given: StepOptions | null): StepOption[] {
  const filter = given?.authenticationOptions;
  if (filter === undefined || filter === null) return [...options];
  const wanted = (Array.isArray(filter) ? filter : typeof filter === 'object' ? Object.values(filter) : []).filter(
    (each): each is { idp?: string; authenticator?: string } => typeof each === 'object' && each !== null,
  );
  const left = options.filter((option) =>
    wanted.some(({ idp, authenticator }) => {
      if (idp === undefined && authenticator === undefined) return false;
      const sameIdp = connectionKey(option.idp) === connectionKey(String(idp ?? localIdp));
      const name = authenticator === undefined ? null : nameOfToday(String(authenticator));
      return sameIdp && (name === null || name === option.authenticator);
    }),
  );
  if (left.length === 0) {
    const offered = options.map(({ idp, authenticator }) => `${idp} ${authenticator}`).join(', ');
    throw new ScriptCallError(
      `executeStep(${step}): authenticationOptions matches none of the step's options (${offered}): ${JSON.stringify(filter)}.`,
    );
  }
  return left;
}

type Texts = Record<string, string>;

/**
 * What calls set by authenticatorParams, with all values as text. What is one authenticator's or connection's own stands in
 * the order in which it was set, as it may go by several names.
 */
export interface AuthenticatorParameters {
  common: Texts;
  local: readonly OwnTexts[];
  federated: readonly OwnTexts[];
}

type OwnTexts = readonly [name: string, texts: Texts];

export const noParameters: AuthenticatorParameters = { common: {}, local: [], federated: [] };

/** What was set before, overlaid by what this call sets: parameters stay set for later steps of the login. */
export function addParameters(before: AuthenticatorParameters, given: StepOptions | null): AuthenticatorParameters {
  const set = given?.authenticatorParams;
  if (typeof set !== 'object' || set === null) return before;
  const { common, local, federated } = set as Record<string, unknown>;
  return {
    common: { ...before.common, ...readTexts(common) },
    local: [...before.local, ...readOwnTexts(local)],
    federated: [...before.federated, ...readOwnTexts(federated)],
  };
}

/** As one option's authenticator sees them. */
export function parametersFor(
  { common, local, federated }: AuthenticatorParameters,
  option: StepOption,
  registry: AuthenticatorNames,
): Texts {
  const own =
    option.idp === localIdp
      ? local.filter(([name]) => (registry.find(name)?.name ?? name) === option.authenticator)
      : federated.filter(([name]) => connectionKey(name) === connectionKey(option.idp));
  return Object.fromEntries([common, ...own.map(([, texts]) => texts)].flatMap((texts) => Object.entries(texts)));
}

function readOwnTexts(given: unknown): OwnTexts[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).map(([name, texts]) => [name, readTexts(texts)]);
}

function readTexts(given: unknown): Texts {
  if (typeof given !== 'object' || given === null) return {};
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => [name, String(value)]),
  );
}

/** What an executeStep asks for, from its arguments. */
export function readStepCall(args: string): { step: number; given: StepOptions | null } {
  const [step, given = null] = JSON.parse(args) as [unknown, (StepOptions | null)?];
  return { step: Number(step), given };
}

/** An option of stepOptions, which may come as text or as itself. */
export function isSet(given: StepOptions | null, name: string, value: 'true' | 'false' = 'true'): boolean {
  const set = given?.stepOptions;
  return typeof set === 'object' && set !== null && String((set as Record<string, unknown>)[name]) === value;
}

/** Is the step to be passed without a page, or not at all? */
export function skipsPrompt(args: string): boolean {
  return isSet(readStepCall(args).given, 'skipPrompt');
}
