import type { SignInRule } from '../../applications/sign-in-rule.ts';
import { connectionKey } from '../../connections/connection.ts';
import { localIdp } from '../../kernel/local-idp.ts';
import type { Stores } from '../../stores.ts';
import { findClosest } from '../../validator/closest-name.ts';
import type { Finding } from '../../validator/finding.ts';
import { createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { listAll } from '../paging.ts';

/**
 * Names in rules that mean nothing here. A rule about a group that nobody is in asks nobody, and one for an authenticator
 * that nobody can pass shuts everybody out: both look as if they did what they say.
 * @param before the rules that the application has: the groups in them are known, as one may have been renamed since
 */
export async function checkRules(
  deps: Pick<AdminDeps, 'authenticators' | 'unavailableAuthenticators'>,
  stores: Pick<Stores, 'connections' | 'groups'>,
  rules: readonly SignInRule[],
  before: readonly SignInRule[],
): Promise<Finding[]> {
  if (!rules.some(({ kind }) => kind !== 'two-factors')) return [];
  const connections = await listAll((page) => stores.connections.list(page));
  const findings = await Promise.all(
    rules.map(async (rule, i): Promise<Finding[]> => {
      const path = `/signInRules/${i}`;
      if (rule.kind === 'connections') {
        const known = [localIdp, ...connections.map(({ name }) => name)];
        return rule.allowed.flatMap((name, n) =>
          known.some((each) => connectionKey(each) === connectionKey(name))
            ? []
            : [createUnknown('CONNECTION', name, known, `${path}/allowed/${n}`)],
        );
      }
      if (rule.kind !== 'group-factor') return [];
      const mapped = connections.flatMap(({ groupMapping }) => Object.values(groupMapping));
      const isKept = before.some((each) => each.kind === rule.kind && each.group === rule.group);
      const isGroup = isKept || mapped.includes(rule.group) || (await stores.groups.findByName(rule.group)) !== null;
      const found = checkAuthenticators(deps, rule.authenticators, `${path}/authenticators`);
      if (isGroup) return found;
      const groups = (await listAll((page) => stores.groups.list(page))).map(({ name }) => name);
      return [createUnknown('GROUP', rule.group, [...groups, ...mapped], `${path}/group`), ...found];
    }),
  );
  return findings.flat();
}

/** By their own names: that is how a sign-in tells what was passed. */
function checkAuthenticators(
  { authenticators, unavailableAuthenticators }: Pick<AdminDeps, 'authenticators' | 'unavailableAuthenticators'>,
  names: readonly string[],
  path: string,
): Finding[] {
  const all = [...authenticators, ...unavailableAuthenticators];
  const unknown = names.flatMap((name, n) => {
    if (all.some((each) => each.name === name)) return [];
    const called = all.find(({ aliases, label }) => [...aliases, label.toLowerCase()].includes(name));
    const known = authenticators.map((each) => each.name);
    return [createUnknown('AUTHENTICATOR', name, known, `${path}/${n}`, called?.name)];
  });
  if (unknown.length > 0 || names.some((name) => authenticators.some((each) => each.name === name))) return unknown;
  const message = `This version has no ${new Intl.ListFormat('en', { type: 'disjunction' }).format(names)}: no member of the group could sign in.`;
  const mend = `Name one more that they can pass: ${authenticators.map(({ name }) => name).join(', ')}.`;
  return [createContentFinding('AUTHENTICATOR_NOT_AVAILABLE', path, message, mend)];
}

function createUnknown(
  what: 'AUTHENTICATOR' | 'CONNECTION' | 'GROUP',
  name: string,
  known: readonly string[],
  path: string,
  meant = findClosest(name, known),
): Finding {
  const message = `There is no ${what.toLowerCase()} «${name}».`;
  const mend = meant === null ? `There are: ${known.slice(0, 20).join(', ') || 'none'}.` : `Did you mean «${meant}»?`;
  return createContentFinding(`UNKNOWN_${what}`, path, message, mend);
}
