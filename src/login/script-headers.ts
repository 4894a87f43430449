import { type ScriptState, scriptHeaders } from '../../sandbox/protocol.ts';

/**
 * The response headers that a script has set, in lower case. The sandbox has refused what is not the script's to set; a
 * script that has broken out of its realm gets nothing more by it.
 */
export function readScriptHeaders({ responseHeaders }: Pick<ScriptState, 'responseHeaders'>): Record<string, string> {
  const lowerCase = Object.entries(responseHeaders).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(lowerCase.filter(([name, value]) => mayBeSet(name, value)).slice(0, scriptHeaders.most));
}

function mayBeSet(name: string, value: string): boolean {
  const { own, also, reserved, reservedPrefixes, longest } = scriptHeaders;
  const isOwn = (name.startsWith(own) && name !== own) || also.some((each) => each === name);
  const isReserved = reserved.some((each) => each === name) || reservedPrefixes.some((each) => name.startsWith(each));
  const isPlain = /^[a-z0-9-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value);
  return isOwn && !isReserved && isPlain && name.length + value.length <= longest;
}
