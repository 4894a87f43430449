import type { AnyNode } from 'acorn';
import { type ObjectMember, scriptObjects } from '../script-api/objects.ts';
import { createFinding, type Finding } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import { spanOf } from './parse-script.ts';
import { isFunction, readPropertyName, resolve, type ScriptIndex } from './script-index.ts';

const membersOf = new Map(
  scriptObjects.map(({ name, members }) => [name, new Map(members.map((member) => [member.name, member]))]),
);

/** Members that are only read, where the text tells that something is written or deleted there. */
export function checkWrites(index: ScriptIndex, knowledge: Knowledge): Finding[] {
  const typeOf = createTypeReader(index, knowledge);
  return index.nodes.flatMap((node) => {
    const target = readTarget(node);
    if (target?.type !== 'MemberExpression') return [];
    const name = readPropertyName(target);
    const member = name === null ? undefined : membersOf.get(typeOf(target.object) ?? '')?.get(name);
    return member?.access === 'read' ? tellReadOnly(member, target) : [];
  });
}

function readTarget(node: AnyNode): AnyNode | null {
  if (node.type === 'AssignmentExpression') return node.left;
  if (node.type === 'UpdateExpression') return node.argument;
  return node.type === 'UnaryExpression' && node.operator === 'delete' ? node.argument : null;
}

function tellReadOnly({ name, instead }: ObjectMember, target: AnyNode): Finding {
  return createFinding('READ_ONLY_MEMBER', `«${name}» is only read: writing or deleting it changes nothing.`, {
    span: spanOf(target),
    mend: instead ?? 'Take the write out, or keep the value in a variable.',
  });
}

/** Names and members in a row. */
const deepest = 50;

/** Tells the type of an expression, as the typings call it; null where the text does not tell. */
function createTypeReader(index: ScriptIndex, knowledge: Knowledge): (node: AnyNode) => string | null {
  const contexts = listContextNames(index);
  const results = new Map(
    knowledge.functions.flatMap(({ name, aliases = [], result }) => [name, ...aliases].map((each) => [each, result])),
  );
  const known = new Map<AnyNode, string | null>();
  let depth = 0;

  function typeOf(node: AnyNode): string | null {
    const before = known.get(node);
    if (before !== undefined) return before;
    // Names can be made of themselves, or of as many others as a script has room for.
    if (depth > deepest) return null;
    known.set(node, null);
    depth++;
    const type = read(node);
    depth--;
    known.set(node, type);
    return type;
  }

  function read(node: AnyNode): string | null {
    switch (node.type) {
      case 'Identifier': {
        const types = new Set(index.allValues.get(node.name)?.map((value) => typeOf(value as AnyNode)));
        if (types.size === 1) return [...types][0]!;
        return types.size === 0 && contexts.has(node.name) ? 'Context' : null;
      }
      case 'MemberExpression': {
        const of = typeOf(node.object as AnyNode);
        if (of === 'Steps') return 'Step';
        if (of?.endsWith('[]')) return node.computed ? of.slice(0, -2) : null;
        const name = readPropertyName(node);
        return name === null ? null : bare(membersOf.get(of ?? '')?.get(name)?.typescript);
      }
      case 'CallExpression':
        return node.callee.type === 'Identifier' && !index.bound.has(node.callee.name)
          ? bare(results.get(node.callee.name))
          : null;
      default:
        return null;
    }
  }
  return typeOf;
}

function bare(typescript: string | undefined): string | null {
  return typescript?.replace(' | null', '') ?? null;
}

/** What the entry and the callbacks call their first parameter. */
function listContextNames(index: ScriptIndex): Set<string> {
  const named = index.nodes.flatMap((node): AnyNode[] => {
    if (node.type === 'FunctionDeclaration') return node.id?.name === 'onLoginRequest' ? [node] : [];
    if (node.type === 'Property') return /^on[A-Z]/.test(readPropertyName(node) ?? '') ? [node.value as AnyNode] : [];
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.id.name === 'onLoginRequest')
      return node.init ? [node.init] : [];
    const isEntry =
      node.type === 'AssignmentExpression' && node.left.type === 'Identifier' && node.left.name === 'onLoginRequest';
    return isEntry ? [node.right] : [];
  });
  const first = named.map((node) => resolve(node, index)).flatMap((fn) => (isFunction(fn) ? (fn.params[0] ?? []) : []));
  return new Set(first.flatMap((parameter) => (parameter.type === 'Identifier' ? parameter.name : [])));
}
