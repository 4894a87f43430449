/** Letters of a name; what is longer is no name. */
const longestName = 200;

/**
 * Apple tells the person's name once, beside the very first answer and unsigned, so it came through the person's own
 * hands: it names them, and nothing else of it is taken. Names that Apple signed stand.
 */
export function addFirstName(claims: Record<string, unknown>, user: string | undefined): Record<string, unknown> {
  const name = readName(user);
  return { ...name, ...claims };
}

function readName(user: string | undefined): Record<string, string> {
  if (user === undefined || user.length > 10 * longestName) return {};
  let told: { name?: { firstName?: unknown; lastName?: unknown } } | null;
  try {
    told = JSON.parse(user);
  } catch {
    return {};
  }
  const { firstName, lastName } = told?.name ?? {};
  const pairs: [string, unknown][] = [
    ['given_name', firstName],
    ['family_name', lastName],
    ['name', [firstName, lastName].filter((part) => typeof part === 'string').join(' ')],
  ];
  const isName = (pair: [string, unknown]): pair is [string, string] =>
    typeof pair[1] === 'string' && pair[1] !== '' && pair[1].length <= longestName;
  return Object.fromEntries(pairs.filter(isName));
}
