import { connectionKey } from '../../connections/connection.ts';
import type { Scenario } from '../../lab/dry-run-types.ts';
import type { Flow } from '../../login/flow.ts';
import type { Finding } from '../../validator/finding.ts';
import type { Knowledge } from '../../validator/knowledge.ts';
import { findAuthenticator, listOffered, type OfferedOption } from '../../validator/offered.ts';
import { createContentFinding } from '../content-error.ts';

type Attempt = NonNullable<Scenario['steps']>[string][number];

/** Characters that a scenario may have as JSON: each version of a flow keeps a copy. */
const longest = 100_000;

/** Bytes: a scenario that is too long is told so, at its place. */
export const scenarioBodyLimit = 4 * 1024 * 1024;

/** @param path where the scenario, or the case that it is part of, stands in the content */
export function findTooLong(scenario: object, path: string): Finding[] {
  const { length } = JSON.stringify(scenario);
  if (length <= longest) return [];
  const message = `The scenario has ${length} characters as JSON; ${longest} are taken.`;
  return [createContentFinding('SCENARIO_TOO_LONG', path, message)];
}

/** What a scenario names and what is not there: steps, their options, functions and people. */
export async function checkScenario(
  { steps = {}, functions = {} }: Scenario,
  {
    flow,
    knowledge,
    personExists,
    path,
  }: {
    flow: Pick<Flow, 'steps'>;
    knowledge: Knowledge;
    /** Null away from a server, where nobody is stored. */
    personExists: ((username: string) => Promise<boolean>) | null;
    /** Where the scenario stands in the content. */
    path: string;
  },
): Promise<Finding[]> {
  const offered = listOffered(flow.steps, knowledge);
  const findings: Finding[] = [];
  const find = (code: string, place: string, message: string, mend?: string) =>
    findings.push(createContentFinding(code, `${path}/${place}`, message, mend));

  for (const [number, attempts] of Object.entries(steps)) {
    const options = offered[Number(number) - 1];
    if (!options) {
      find('UNKNOWN_STEP', `steps/${number}`, `The flow has no step ${number}; its last is ${offered.length}.`);
      continue;
    }
    for (const [i, attempt] of attempts.entries()) {
      const place = `steps/${number}/${i}`;
      if (!options.some((option) => fits(option, attempt, knowledge))) {
        const wanted = [attempt.idp, attempt.authenticator].filter(Boolean).join(', ');
        find('OPTION_NOT_OFFERED', place, `Step ${number} does not offer «${wanted}».`, listWays(options));
      }
      const { user, choseFirst } = attempt;
      if (
        choseFirst !== undefined &&
        !options.some((option) => fits(option, { authenticator: choseFirst }, knowledge))
      ) {
        const message = `Step ${number} does not offer «${choseFirst}».`;
        find('OPTION_NOT_OFFERED', `${place}/choseFirst`, message, listWays(options));
      }
      if (typeof user === 'string' && personExists && !(await personExists(user))) {
        find(
          'UNKNOWN_USER',
          `${place}/user`,
          `Nobody is called «${user}».`,
          'Name somebody who is stored, or describe a person of the scenario: {"username": …}.',
        );
      }
    }
  }
  for (const name of Object.keys(functions)) {
    const known = knowledge.functions.find((fn) => fn.name === name);
    if (known) {
      const { stated } = known;
      if (stated === undefined) continue;
      const message = `A scenario has no answer for ${name} under «functions».`;
      const mend =
        stated === null ? 'It answers the same in every scenario: leave it out.' : `Write it under «${stated}».`;
      find('ANSWER_WITHOUT_EFFECT', `functions/${name}`, message, mend);
      continue;
    }
    const own = knowledge.functions.find(({ aliases }) => aliases?.includes(name));
    const mend = own ? `Answer for ${own.name}, of which it is another name.` : undefined;
    find('UNKNOWN_FUNCTION', `functions/${name}`, `Scripts cannot call «${name}».`, mend);
  }
  return findings;
}

function fits(
  option: OfferedOption,
  { idp, authenticator }: Pick<Attempt, 'idp' | 'authenticator'>,
  knowledge: Knowledge,
): boolean {
  if (idp !== undefined && connectionKey(idp) !== connectionKey(option.idp)) return false;
  if (authenticator === undefined || option.authenticator === null) return true;
  return (findAuthenticator(authenticator, knowledge)?.name ?? authenticator) === option.authenticator;
}

function listWays(options: readonly OfferedOption[]): string {
  return `It offers ${options.map(({ label }) => `«${label}»`).join(' and ')}.`;
}
