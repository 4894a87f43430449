import type { AnyNode } from 'acorn';
import { findClosest } from './closest-name.ts';
import { createFinding, type Finding } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import { findAuthenticator, findConnection } from './offered.ts';
import { spanOf } from './parse-script.ts';
import { readProperties, type ScriptIndex } from './script-index.ts';

type Properties = [name: string, property: { key: AnyNode; value: AnyNode }][];

/** `authenticatorParams`: names that nothing reads. What cannot be read from the text passes. */
export function checkAuthenticatorParams(params: AnyNode, index: ScriptIndex, knowledge: Knowledge): Finding[] {
  const read = (node: AnyNode): Properties => [...(readProperties(node, index)?.properties ?? [])];
  return read(params).flatMap(([part, { key, value }]) => {
    switch (part) {
      case 'local':
        return read(value).flatMap(([name, own]) => checkLocal(name, own.key, read(own.value), knowledge));
      case 'federated':
        return read(value).flatMap(([name, own]) => checkFederated(name, own.key, read(own.value), knowledge));
      case 'common':
        return checkCommon(read(value), knowledge);
      default:
        return tellUnread(part, key, ['local', 'federated', 'common']);
    }
  });
}

function checkLocal(name: string, key: AnyNode, own: Properties, knowledge: Knowledge): Finding[] {
  const all = listAuthenticators(knowledge);
  const known = findAuthenticator(name, knowledge);
  if (!known) {
    return tellUnread(
      name,
      key,
      all.flatMap((each) => [each.name, ...each.aliases]),
    );
  }
  return own.flatMap(([parameter, { key: at }]) =>
    tellUnread(parameter, at, [...known.parameters, ...knowledge.commonParameters]),
  );
}

function checkFederated(name: string, key: AnyNode, own: Properties, knowledge: Knowledge): Finding[] {
  if (knowledge.connections === null) return [];
  const connection = findConnection(name, knowledge);
  if (!connection) {
    return tellUnread(
      name,
      key,
      knowledge.connections.map((each) => each.name),
    );
  }
  const sent = [...connection.parameters, ...knowledge.commonParameters];
  return own.flatMap(([parameter, { key: at }]) =>
    sent.includes(parameter)
      ? []
      : createFinding('PARAMETER_NOT_SENT', `Connection «${connection.name}» sends no parameter «${parameter}».`, {
          span: spanOf(at),
          mend: `Give the connection a query parameter with «$authparam{${parameter}}», or take it out.`,
        }),
  );
}

/** What is common goes to whatever reads it: a name is wrong when nothing on this server does. */
function checkCommon(common: Properties, knowledge: Knowledge): Finding[] {
  if (knowledge.connections === null) return [];
  const known = [...listAuthenticators(knowledge), ...knowledge.connections].flatMap((each) => each.parameters);
  return common.flatMap(([parameter, { key }]) =>
    tellUnread(parameter, key, [...known, ...knowledge.commonParameters]),
  );
}

function listAuthenticators({ authenticators, unavailableAuthenticators }: Knowledge) {
  return [...authenticators, ...unavailableAuthenticators];
}

function tellUnread(name: string, key: AnyNode, known: readonly string[]): Finding[] {
  if (known.includes(name)) return [];
  const meant = findClosest(name, known);
  return [
    createFinding('OPTION_WITHOUT_EFFECT', `Nothing reads «${name}» in authenticatorParams here.`, {
      span: spanOf(key),
      mend: meant === null ? `What is read here: ${[...new Set(known)].join(', ')}.` : `Did you mean «${meant}»?`,
    }),
  ];
}
