import type { TraceItem } from '../lab/dry-run-types.ts';
import type { ReplayAnswer } from '../lab/replay-types.ts';
import { describeRun, short } from './describe-run.ts';
import { connectTo, readOtherFlow, serverOption, serverOptions } from './server.ts';
import { type Command, onlyFile, paint, type Terminal, UsageError } from './terminal.ts';

export const replayCommand: Command = {
  name: 'replay',
  summary: 'plays a past sign-in again, as it was or with another script',
  options: {
    server: serverOptions.server,
    script: { type: 'string' },
    version: { type: 'string' },
    draft: { type: 'boolean' },
    variables: { type: 'boolean' },
  },
  help: `Usage: stepgate replay LOGIN --server URL [--script FILE | --version N | --draft] [--variables] [--json]

Plays a sign-in of the server's history from its journal; nothing is written or sent. LOGIN is its id, or the reference on
its error page. With another script it is told where that first does something else, or why nobody can tell.

${serverOption}
  --script FILE      with this script
  --version N        with a published version
  --draft            with the draft
  --variables        the script's variables, wherever they have changed
  --json             the whole answer as JSON

Exit code: 0 nothing differs, 1 something does or cannot be told, 2 the call is wrong.

  stepgate replay 7C1FA-20DXK --server http://127.0.0.1:9400 --variables
  stepgate replay login_… --server http://127.0.0.1:9400 --script changed.js
`,
  async run({ values, files, terminal }) {
    const login = onlyFile(files, 'LOGIN');
    const api = connectTo(values['server']);
    const body = { ...readOtherFlow(values), ...(values['draft'] ? { draft: true } : {}) };
    const answer = (await api.post(`/logins/${await findLogin(login)}/replay`, body)) as unknown as ReplayAnswer;
    if (values['json']) terminal.print(`${JSON.stringify(answer, null, 2)}\n`);
    else terminal.print(describeReplay(answer, terminal, values['variables'] === true));
    return answer.differs || answer.notReplayable !== null ? 1 : 0;

    async function findLogin(idOrReference: string): Promise<string> {
      if (/^login_/.test(idOrReference)) return encodeURIComponent(idOrReference);
      const [found] = await api.list(`/logins?reference=${encodeURIComponent(idOrReference)}`);
      if (!found) throw new UsageError(`no sign-in has the reference «${idOrReference}»; old ones are removed.`);
      return found.id;
    }
  },
};

function describeReplay(answer: ReplayAnswer, terminal: Terminal, withVariables: boolean): string {
  const { differs, notReplayable, moments } = answer;
  const before = withVariables ? tellChanges(moments, terminal) : undefined;
  const place = differs && differs.line !== null ? `line ${differs.line}: ` : '';
  return [
    describeRun(answer, terminal, before),
    differs ? paint(terminal, 'yellow', `differs at entry ${differs.seq}: ${place}${differs.message}\n`) : '',
    notReplayable === null ? '' : paint(terminal, 'yellow', `${notReplayable}\n`),
  ].join('');
}

/** Before each entry: the variables that are new or have changed since the one before. */
function tellChanges(moments: ReplayAnswer['moments'], terminal: Terminal): (item: TraceItem) => string {
  const known = new Map<string, string>();
  let next = 0;
  return ({ seq }) => {
    let lines = '';
    for (let moment = moments[next]; moment && moment.seq <= seq; moment = moments[++next]) {
      for (const [name, value] of Object.entries(moment.variables)) {
        const text = tellValue(value);
        if (known.get(name) === text || isFunction(value)) continue;
        known.set(name, text);
        lines += paint(terminal, 'dim', `          ${name} = ${text}\n`);
      }
    }
    return lines;
  };
}

function isFunction(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$is' in value && value.$is === 'function';
}

function tellValue(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('$is' in value)) return short(value);
  return 'name' in value ? `${value.$is} ${value.name}` : String(value.$is);
}
