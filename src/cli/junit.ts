/** Results in the form that CI systems read (the XML of JUnit's Ant task). */
export interface JUnitSuite {
  name: string;
  cases: readonly { name: string; problems: readonly string[] }[];
}

export function writeJUnit(suites: readonly JUnitSuite[]): string {
  const count = (cases: JUnitSuite['cases']) =>
    `tests="${cases.length}" failures="${cases.filter(({ problems }) => problems.length > 0).length}"`;
  const all = suites.flatMap(({ cases }) => cases);
  const lines = suites.flatMap(({ name, cases }) => [
    `  <testsuite name="${escapeXml(name)}" ${count(cases)}>`,
    ...cases.map((one) => writeCase(name, one)),
    '  </testsuite>',
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${count(all)}>\n${lines.join('\n')}\n</testsuites>\n`;
}

function writeCase(suite: string, { name, problems }: JUnitSuite['cases'][number]): string {
  const start = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}"`;
  if (problems.length === 0) return `${start}/>`;
  return `${start}>
      <failure message="${escapeXml(problems[0]!)}">${escapeXml(problems.join('\n'))}</failure>
    </testcase>`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 knows no other control characters, however they are written. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"]/g, (sign) => entities[sign]!);
}
