import type { ScriptState } from './protocol.ts';

/** What the guest collected of what the script has set, and the places that it visited. @param text JSON from the guest */
export function parseState(text: string): { state: ScriptState; visits: number[] } {
  const { visits, claims, ...collected } = JSON.parse(text);
  return { state: { ...collected, claims: parseClaims(claims) }, visits };
}

function parseClaims(claims: Record<string, Record<string, string>>): ScriptState['claims'] {
  return Object.fromEntries(
    Object.entries(claims).map(([ref, own]) => [
      ref,
      Object.fromEntries(Object.entries(own).map(([uri, text]) => [uri, JSON.parse(text)])),
    ]),
  );
}
