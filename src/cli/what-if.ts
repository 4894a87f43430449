import type { WhatIfAnswer } from '../lab/replay-types.ts';
import { ApiRefusal } from './admin-api.ts';
import { connectTo, findApplication, readOtherFlow, serverHelp, serverOptions } from './server.ts';
import { type Command, paint, type Terminal, UsageError } from './terminal.ts';

export const whatIfCommand: Command = {
  name: 'what-if',
  summary: 'plays the newest sign-ins of an application with another script',
  options: {
    ...serverOptions,
    script: { type: 'string' },
    version: { type: 'string' },
    limit: { type: 'string', default: '200' },
  },
  help: `Usage: stepgate what-if --server URL --application APP [--script FILE | --version N] [--limit N] [--json]

Plays the newest sign-ins of an application as they were and with the draft, and counts what would have come out
otherwise: from what to what. Nothing is written or sent.

${serverHelp}
  --script FILE      with this script rather than the draft
  --version N        with a published version
  --limit N          how many sign-ins; 200, at most 1000
  --json             the answer as JSON

Exit code: 0 nothing would change, 1 something would or cannot be told, 2 the call is wrong.

  stepgate what-if --server http://127.0.0.1:9400 --application Payroll --limit 1000
  stepgate what-if --server http://127.0.0.1:9400 --application Payroll --script changed.js
`,
  async run({ values, files, terminal }) {
    if (files.length > 0) throw new UsageError('what-if takes no file; a script goes by --script.');
    if (!/^[1-9]\d{0,3}$/.test(String(values['limit']))) throw new UsageError('--limit must be a number up to 1000.');
    const api = connectTo(values['server']);
    const { id } = await findApplication(api, values['application']);
    const body = { ...readOtherFlow(values), limit: Number(values['limit']), progress: true };
    let answer: WhatIfAnswer | null = null;
    await api.postForLines(`/applications/${id}/what-if`, body, (line) => {
      if ('result' in line) answer = line['result'] as WhatIfAnswer;
      if ('failure' in line) throw new ApiRefusal('what-if', 503, JSON.stringify(line['failure']));
      const { done, of } = (line['progress'] ?? {}) as { done?: number; of?: number };
      if (done !== undefined) terminal.progress?.(`${done} of ${of} sign-ins`);
    });
    terminal.progress?.('');
    const told = answer as WhatIfAnswer | null;
    if (!told) throw new Error('The server ended its answer before the result.');
    terminal.print(values['json'] ? `${JSON.stringify(told, null, 2)}\n` : describe(told, terminal));
    return told.changed.length + told.notReplayable.length > 0 ? 1 : 0;
  },
};

function describe({ logins, unchanged, changed, notReplayable, tookMs }: WhatIfAnswer, terminal: Terminal): string {
  const row = (count: number, text: string) => `${String(count).padStart(6)}  ${text}\n`;
  return [
    `${logins} ${logins === 1 ? 'sign-in' : 'sign-ins'}, in ${(tookMs / 1000).toFixed(1)} s\n`,
    paint(terminal, 'green', row(unchanged, 'unchanged')),
    ...changed.map(({ from, to, count }) => paint(terminal, 'yellow', row(count, `${from} → ${to}`))),
    ...notReplayable.map(({ reason, count }) => paint(terminal, 'dim', row(count, `not replayable: ${reason}`))),
  ].join('');
}
