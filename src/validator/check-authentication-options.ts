import type { AnyNode } from 'acorn';
import { connectionKey } from '../connections/connection.ts';
import { nameOfToday } from '../kernel/authenticator-names.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { checkAuthenticatorName, checkConnectionName } from './check-names.ts';
import { createFinding, type Finding } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import type { OfferedOption } from './offered.ts';
import { spanOf } from './parse-script.ts';
import { readConstant, readProperties, resolve, type ScriptIndex } from './script-index.ts';

interface Wanted {
  node: AnyNode;
  /** Texts as written; null where there is none, `unreadable` where only the running script could tell. */
  idp: string | 'unreadable' | null;
  authenticator: string | 'unreadable' | null;
}

/** The entries of `authenticationOptions`: an array or an object by index; null when they cannot be read from the text. */
function readEntries(filter: AnyNode, index: Pick<ScriptIndex, 'values'>): Wanted[] | null {
  const list = resolve(filter, index);
  let nodes: AnyNode[];
  if (list.type === 'ArrayExpression') {
    if (list.elements.some((element) => element === null || element.type === 'SpreadElement')) return null;
    nodes = list.elements as AnyNode[];
  } else {
    const read = readProperties(list, index);
    if (!read?.complete) return null;
    nodes = [...read.properties.values()].map(({ value }) => value);
  }
  const entries = nodes.map((node) => {
    const read = readProperties(node, index);
    if (!read?.complete) return null;
    const text = (name: string) => {
      const property = read.properties.get(name);
      if (!property) return null;
      const value = readConstant(property.value, index);
      return value === undefined || value === null ? 'unreadable' : String(value);
    };
    return { node, idp: text('idp'), authenticator: text('authenticator') };
  });
  return entries.includes(null) ? null : (entries as Wanted[]);
}

/** What is left of a step's options; all of them where the filter cannot be read. */
export function filterOffered(
  options: readonly OfferedOption[],
  filter: AnyNode | undefined,
  index: Pick<ScriptIndex, 'values'>,
): readonly OfferedOption[] {
  const entries = filter && readEntries(filter, index);
  return entries ? options.filter((option) => entries.some((wanted) => matches(option, wanted))) : options;
}

export function checkAuthenticationOptions(
  filter: AnyNode,
  {
    step,
    index,
    offered,
    knowledge,
  }: { step: number | null; index: ScriptIndex; offered: readonly OfferedOption[][]; knowledge: Knowledge },
): Finding[] {
  const entries = readEntries(filter, index);
  if (!entries) return [];
  const options = step === null ? undefined : offered[step - 1];
  return entries.flatMap((wanted) => {
    const { node, idp, authenticator } = wanted;
    const span = spanOf(node);
    const local = idp === null || idp === localIdp;
    const unknown = [
      ...(local || idp === 'unreadable' ? [] : checkConnectionName(idp, knowledge, { span })),
      ...(local && authenticator !== null && authenticator !== 'unreadable'
        ? checkAuthenticatorName(authenticator, knowledge, { span })
        : []),
    ];
    if (unknown.some(({ severity }) => severity === 'error')) return unknown;
    if (!options || options.some((option) => matches(option, wanted))) return unknown;
    return [
      ...unknown,
      createFinding('OPTION_NOT_OFFERED', `Step ${step} does not offer ${describeWanted(wanted)}.`, {
        span,
        mend: `It offers ${options.map(describe).join(', ')}. Choose from these, or add the option to the step.`,
      }),
    ];
  });
}

/** As the running engine compares. What cannot be read may match anything. */
function matches(option: OfferedOption, { idp, authenticator }: Wanted): boolean {
  if (idp === null && authenticator === null) return false;
  const sameIdp = idp === 'unreadable' || connectionKey(option.idp) === connectionKey(idp ?? localIdp);
  if (!sameIdp || authenticator === null || authenticator === 'unreadable' || option.authenticator === null)
    return sameIdp;
  return nameOfToday(authenticator) === option.authenticator;
}

function describeWanted(wanted: Wanted): string {
  if (wanted.idp !== null || (wanted.authenticator !== null && wanted.authenticator !== 'unreadable'))
    return describe(wanted);
  return wanted.authenticator === null ? 'an option with neither idp nor authenticator' : 'any local authenticator';
}

function describe({ idp, authenticator }: Pick<Wanted | OfferedOption, 'idp' | 'authenticator'>): string {
  return [idp, authenticator].filter((text) => text !== null && text !== 'unreadable').join(' ');
}
