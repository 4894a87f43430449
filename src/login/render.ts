import type { StepProblem } from '../authenticators/authenticator.ts';
import type { User } from '../directory/user.ts';
import { findVerifiedAddress } from '../directory/verified-address.ts';
import type { Language } from '../kernel/languages.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { basicContext } from '../pages/basic-context.ts';
import type { PageContext } from '../pages/context.ts';
import { personSentence } from '../pages/errors.ts';
import type { Html } from '../pages/html.ts';
import { maskAddress } from '../pages/mail-addresses.ts';
import { type Choice, renderChoose } from '../pages/views/choose.ts';
import { renderEmailOtp } from '../pages/views/email-otp.ts';
import { renderIdentifier } from '../pages/views/identifier.ts';
import { renderPassword } from '../pages/views/password.ts';
import { renderSessionLimit } from '../pages/views/session-limit.ts';
import { renderTotpEnrol } from '../pages/views/totp-enrol.ts';
import { renderTotpVerify } from '../pages/views/totp-verify.ts';
import { csrfToken } from './browser.ts';
import type { LoginDeps } from './deps.ts';
import { identifierName, listOpenOptions, parametersFor, passwordName, type StepOption } from './options.ts';
import { viewOption } from './step.ts';
import { answeredOption, findForm } from './step-form.ts';
import { currentOption, findSubjectAccount, type StepVisit } from './visit.ts';

/** The page of a login's step. */
export async function renderStep(deps: LoginDeps, visit: StepVisit): Promise<Html> {
  const { waiting } = visit;
  const user = await findSubjectAccount(deps.database.read, visit.facts);
  const { claimed } = visit.facts;
  const open = await listOpenOptions(deps.database.read, waiting.options);
  const problem = waiting.problem ?? (open.length === 0 ? ({ code: 'CONNECTION_DISABLED' } as const) : null);
  const typed = waiting.username ?? visit.request.loginHint;
  const context: PageContext = {
    ...basicContext(visit.language, `/login/${visit.login.id}`),
    application: { name: visit.application.name },
    person: user?.username ?? federatedName(visit) ?? claimed?.identifier ?? null,
    csrf: csrfToken(deps.box, visit.login, { seq: waiting.seq, option: answeredOption(waiting) }),
    errors: problem ? [describeProblem(visit.language, problem)] : [],
    values: typed === null ? {} : { username: typed },
  };
  const index = waiting.away ? null : currentOption(waiting);
  const option = index === null ? null : waiting.options[index]!;
  const connections = open.filter(({ idp }) => idp !== localIdp).map(({ idp }) => ({ name: idp }));
  const choices = await listChoices(deps, open, user);
  const forgotUrl = `/forgot?login=${visit.login.id}`;
  const form = findForm(waiting.options);

  if (option === null || (form !== null && option.authenticator === form)) {
    if (form === null) return renderChoose(context, { choices });
    if (form === identifierName) return renderIdentifier(context, { connections, otherWay: false });
    const password = waiting.options.find(({ authenticator }) => authenticator === passwordName);
    const asked = password && parametersFor(waiting.parameters, password, deps.authenticators)['username'];
    const username = user?.username ?? claimed?.identifier ?? (asked || null);
    const model = { connections, otherWay: false };
    return renderPassword(context, { ...model, password: password ? { username, forgotUrl } : null });
  }
  const otherWay = choices.length > 1;
  const { view, model } = await viewOption(deps, visit);
  switch (view) {
    case 'password':
      return renderPassword(context, {
        password: { username: model.username, forgotUrl },
        connections: [],
        otherWay,
      });
    case 'identifier':
      return renderIdentifier(context, { connections: [], otherWay });
    case 'totp-enrol':
      return renderTotpEnrol(context, { secret: model.key, uri: model.otpauthUri, otherWay });
    case 'totp-verify':
      return renderTotpVerify(context, { otherWay });
    case 'email-otp':
      return renderEmailOtp(context, { ...model, otherWay, beforeSetUp: waiting.proof?.passed === false });
    case 'session-limit':
      return renderSessionLimit(context, { ...model, otherWay });
    case 'choose':
      return renderChoose(context, { choices });
  }
}

export function describeProblem(language: Language, problem: StepProblem): PageContext['errors'][number] {
  const { code, field, params, reference } = problem;
  const text = personSentence(language, code, params);
  return { text, ...(field === undefined ? {} : { field }), ...(reference === undefined ? {} : { reference }) };
}

export function federatedName({ facts }: Pick<StepVisit, 'facts'>): string | null {
  const { subject } = facts;
  if (!subject || !('federated' in subject.person)) return null;
  const { claims } = subject.person.federated;
  for (const name of ['email', 'preferred_username', 'name']) {
    const value = claims[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return subject.person.federated.subject;
}

/** What can be chosen. A code to an address that the account does not have is offered only when there is nothing else. */
async function listChoices(
  { authenticators, database }: LoginDeps,
  options: readonly StepOption[],
  user: User | null,
): Promise<Choice[]> {
  const address = user && findVerifiedAddress(user);
  const hasApp = user !== null && (await authenticators.find('totp')?.isUsable?.(database.read, user));
  const choices = options.flatMap(({ idp, authenticator }): Choice[] => {
    if (idp !== localIdp) return [{ kind: 'connection', value: idp, name: idp }];
    switch (authenticator) {
      case passwordName:
        return [{ kind: 'password', value: authenticator }];
      case identifierName:
        return [{ kind: 'identifier', value: authenticator }];
      case 'totp':
        return [{ kind: 'totp', value: authenticator, isNew: user !== null && !hasApp }];
      case 'email-otp-authenticator':
        return [{ kind: 'email-otp', value: authenticator, maskedAddress: address && maskAddress(address) }];
      default:
        return [];
    }
  });
  const possible = choices.filter(({ kind }) => kind !== 'email-otp' || user === null || address !== null);
  return possible.length > 0 ? possible : choices;
}
