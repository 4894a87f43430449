import { claimName } from '../directory/claims.ts';
import { passwordRules } from '../directory/password-rules.ts';
import { AppError } from '../kernel/errors.ts';
import { basicContext } from '../pages/basic-context.ts';
import type { PageContext } from '../pages/context.ts';
import type { Html } from '../pages/html.ts';
import { type LinkModel, renderLink } from '../pages/views/link.ts';
import { renderProfile } from '../pages/views/profile.ts';
import { csrfToken } from './browser.ts';
import type { LoginDeps } from './deps.ts';
import { type AccountVisit, fieldOf, meetProver } from './questions.ts';
import { describeProblem, federatedName } from './render.ts';

/** The page of what is asked before an account is made or linked. */
export async function renderQuestions(deps: LoginDeps, visit: AccountVisit): Promise<Html> {
  const { waiting, facts, language } = visit;
  const { questions } = waiting;
  const connection = facts.passed.find(({ user }) => user === facts.subject?.ref)?.idp ?? '';
  const proposed = questions.kind === 'profile' ? { username: questions.username.proposed } : {};
  const context: PageContext = {
    ...basicContext(language, `/login/${visit.login.id}`),
    application: { name: visit.application.name },
    person: federatedName(visit),
    csrf: csrfToken(deps.box, visit.login, { seq: waiting.seq, option: 'account' }),
    errors: waiting.problems.map((problem) => describeProblem(language, problem)),
    values: { ...proposed, ...waiting.values },
  };
  const otherWay = (waiting.step?.options.length ?? 0) > 1;
  if (questions.kind === 'proof') {
    const proof = await viewProof(deps, visit);
    const { value } = questions;
    return renderLink(context, { connection, value, proof, isSecond: waiting.shown.length > 0, otherWay });
  }
  return renderProfile(context, {
    connection,
    known: Object.entries(questions.known).map(([uri, value]) => ({ claim: claimName(uri), value })),
    username: questions.username,
    password: questions.password ? { minimum: passwordRules.minCharacters } : null,
    attributes: questions.attributes.map((uri, index) => ({ name: fieldOf(index), claim: claimName(uri) })),
    otherWay,
  });
}

async function viewProof(deps: LoginDeps, visit: AccountVisit): Promise<LinkModel['proof']> {
  const { prover, context } = await meetProver(deps, visit);
  const shown = prover.view(context, visit.waiting.state ?? {});
  switch (shown.view) {
    case 'password':
      return { by: 'password' };
    case 'email-otp':
      return { by: 'email-code', ...shown.model };
    case 'totp-verify':
      return { by: 'totp' };
    default:
      throw new AppError('INTERNAL', { detail: `«${prover.name}» shows «${shown.view}».` });
  }
}
