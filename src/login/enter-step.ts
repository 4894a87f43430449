import type { Question } from '../../sandbox/protocol.ts';
import { placeOf } from '../../sandbox/protocol.ts';
import type { LoginDeps } from './deps.ts';
import { findHomeRealm } from './home-realm.ts';
import {
  type AuthenticatorParameters,
  addParameters,
  filterOptions,
  listOpenOptions,
  noParameters,
  parametersFor,
  passwordName,
  readStepCall,
  skipsPrompt,
} from './options.ts';
import { reuseStep } from './reuse.ts';
import { chooseOption, failOption, type Stepped } from './step.ts';
import { moveOn } from './turn.ts';
import { authenticatorOf, type StepVisit } from './visit.ts';
import { type StepWaiting, sealWaiting } from './waiting.ts';

/** Shows the options of the step that the script asked for, unless nobody need be asked or there is nothing to choose. */
export async function enterStep(deps: LoginDeps, at: Omit<StepVisit, 'waiting'>, question: Question): Promise<Stepped> {
  const visit = arrive(at, question);
  const reused = await reuseStep(deps, visit);
  if (reused) return { kind: 'done', login: reused };
  // Nobody is there to see it: nothing is begun that they would notice.
  if (visit.request.prompt.includes('none') && !passesAlone(deps, visit)) return { kind: 'page', visit };
  if (skipsPrompt(visit.waiting.args)) return passWithoutPage(deps, visit);
  const { options } = visit.waiting;
  if ((await listOpenOptions(deps.database.read, options)).length === 0) {
    const names = options.map(({ idp }) => `«${idp}»`).join(', ');
    return failOption(deps, visit, { code: 'CONNECTION_DISABLED', detail: `None is enabled of ${names}.` });
  }
  const { subject, claimed, accounts } = visit.facts;
  const known = subject ? options.findIndex((option) => authenticatorOf(option, deps.authenticators)?.identifies) : -1;
  if (known >= 0) return chooseOption(deps, visit, known);
  const answered = findAnswered(deps, visit);
  if (answered >= 0) return chooseOption(deps, visit, answered);
  const only =
    options.length === 1 || options.every((option) => authenticatorOf(option, deps.authenticators)?.needsAccount);
  const lacksAccount = subject ? 'federated' in subject.person && !accounts.has(subject.ref) : !claimed;
  // With one option, or with none that somebody without an account could take, the first tells what there is to tell.
  if (options.length === 1 || (only && lacksAccount && (await willStayWithoutAccount(deps, visit)))) {
    return chooseOption(deps, visit, 0);
  }
  const home = claimed && !subject ? await findHomeRealm(deps.database.read, claimed, options) : null;
  if (home !== null) return chooseOption(deps, visit, home);
  const sealed = sealWaiting(deps.box, visit.login.id, visit.waiting);
  const login = await deps.database.unit(({ logins }) => moveOn(logins, { ...visit.login, waitingSealed: sealed }));
  return { kind: 'page', visit: { ...visit, login } };
}

/** `skipPrompt`: with what was typed last, or not at all. */
async function passWithoutPage(deps: LoginDeps, visit: StepVisit): Promise<Stepped> {
  const { waiting, facts } = visit;
  const { common } = waiting.parameters;
  const parameters = { ...waiting.parameters, common: { ...facts.typed, ...common } };
  const given = { ...visit, waiting: { ...waiting, parameters } };
  const answered = passesAlone(deps, visit) ? 0 : findAnswered(deps, given, parameters);
  if (answered >= 0) return chooseOption(deps, given, answered);
  return failOption(deps, visit, {
    code: 'PROMPT_SKIPPED',
    detail: 'No user name and password had been typed for it.',
  });
}

/** The option that this very call answers itself, by a user name and a password; -1 where there is none. */
function findAnswered(
  { authenticators }: LoginDeps,
  { waiting: { args, options } }: StepVisit,
  own: AuthenticatorParameters = addParameters(noParameters, readStepCall(args).given),
): number {
  return options.findIndex((option) => {
    const { username, password } = parametersFor(own, option, authenticators);
    return option.authenticator === passwordName && Boolean(username && password);
  });
}

/** Is there one way to pass it, which may need nobody? */
function passesAlone({ authenticators }: LoginDeps, { waiting: { options } }: StepVisit): boolean {
  return options.length === 1 && authenticatorOf(options[0]!, authenticators)?.passesAlone === true;
}

/** The step that the script asked for. */
function arrive(at: Omit<StepVisit, 'waiting'>, question: Question): StepVisit {
  const { facts } = at;
  const { step, given } = readStepCall(question.args);
  const waiting: StepWaiting = {
    kind: 'step',
    seq: question.seq,
    step,
    args: question.args,
    handlers: question.handlers,
    ...placeOf(question),
    options: filterOptions(step, facts.start.steps[step - 1]!.options, given),
    parameters: addParameters(facts.parameters, given),
    chosen: null,
    proof: null,
    state: null,
    kept: {},
    away: false,
    attempts: 0,
    problem: null,
    username: null,
  };
  return { ...at, waiting };
}

async function willStayWithoutAccount({ database }: LoginDeps, { facts }: StepVisit): Promise<boolean> {
  const { subject } = facts;
  if (!subject || !('federated' in subject.person)) return true;
  const { connectionId, subject: name } = subject.person.federated;
  if (await database.read.users.findAssociation(connectionId, name)) return false;
  const connection = await database.read.connections.findById(connectionId);
  return facts.skipsProvisioning || connection?.jit.enabled !== true;
}
