import { jsonLimits } from './limits.ts';

const { value: deepest } = jsonLimits.depth;

/** Reads JSON that somebody else wrote. `problem` goes on with «the answer …». */
export function parseJson(text: string): { value: unknown } | { problem: string } {
  if (isTooDeep(text)) return { problem: `is nested more than ${deepest} levels deep` };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: 'is no JSON' };
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (inText) {
      if (letter === '\\') i++;
      else if (letter === '"') inText = false;
    } else if (letter === '"') inText = true;
    else if (letter === '[' || letter === '{') {
      if (++depth > deepest) return true;
    } else if (letter === ']' || letter === '}') depth--;
  }
  return false;
}
