import type { TraceItem } from '../lab/dry-run-types.ts';
import type { ReplayAnswer } from '../lab/replay-types.ts';
import { ApiRefusal } from './admin-api.ts';
import { describeRun } from './describe-run.ts';
import { describeStop, isFunction, listStops, type Stop, tellValue, walk } from './replay-stops.ts';
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
    step: { type: 'boolean' },
    at: { type: 'string' },
  },
  help: `Usage: stepgate replay LOGIN --server URL [--script FILE | --version N | --draft]
                       [--variables | --step | --at N] [--json]

Plays a sign-in of the server's history from its journal; nothing is written or sent. LOGIN is its id, or the reference on
its error page. With another script it is told where that first does something else, or why nobody can tell.

${serverOption}
  --script FILE      with this script
  --version N        with a published version
  --draft            with the draft
  --variables        the script's variables, wherever they have changed
  --step             goes through it entry by entry, forward and back, with the script's lines and variables and what waits
  --at N             shows one entry so
  --json             the whole answer as JSON; with --at that entry's part of it

Exit code: 0 nothing differs, 1 something does or cannot be told, 2 the call is wrong.

  stepgate replay 7C1FA-20DXK --server http://127.0.0.1:9400 --step
  stepgate replay 7C1FA-20DXK --server http://127.0.0.1:9400 --at 3 --json
  stepgate replay login_… --server http://127.0.0.1:9400 --script changed.js
`,
  async run({ values, files, terminal }) {
    const login = onlyFile(files, 'LOGIN');
    const api = connectTo(values['server']);
    const body = { ...readOtherFlow(values), ...(values['draft'] ? { draft: true } : {}) };
    const id = await findLogin(login);
    const answer = (await api.post(`/logins/${id}/replay`, body)) as unknown as ReplayAnswer;
    if (values['at'] !== undefined) await showOne(String(values['at']));
    else if (values['step']) await stepThrough();
    else if (values['json']) terminal.print(`${JSON.stringify(answer, null, 2)}\n`);
    else terminal.print(describeReplay(answer, terminal, values['variables'] === true));
    return answer.differs || answer.notReplayable !== null ? 1 : 0;

    async function showOne(at: string): Promise<void> {
      const stops = listStops(answer);
      const stop = stops.find(({ seq }) => String(seq) === at);
      if (!stop) {
        const there = stops.map(({ seq }) => seq).join(', ') || 'none';
        throw new UsageError(answer.notReplayable ?? `there is no entry ${at}; there are ${there}.`);
      }
      if (values['json']) terminal.print(`${JSON.stringify(stop, null, 2)}\n`);
      else terminal.print(describeStop(stop, answer, await readScript(), terminal));
    }

    async function stepThrough(): Promise<void> {
      if (!terminal.ask) throw new UsageError('--step asks at a terminal, and here is none; --at N shows one entry.');
      const script = await readScript();
      const show = (stop: Stop) => terminal.print(describeStop(stop, answer, script, terminal));
      const stops = listStops(answer);
      if (stops.length === 0) terminal.print(describeReplay(answer, terminal, false));
      else await walk(stops, show, terminal.ask, terminal.complain);
    }

    /** What was played; null where it is gone. */
    async function readScript(): Promise<string | null> {
      if ('script' in body) return body.script as string;
      const { applicationId, version } = await api.get(`/logins/${id}`);
      const flow = `/applications/${applicationId}/sign-in-flow`;
      try {
        if (!values['draft']) return findScript(await api.get(`${flow}/versions/${values['version'] ?? version}`));
        const { draft, live } = await api.get(flow);
        return findScript(draft ?? live);
      } catch (failure) {
        if (failure instanceof ApiRefusal && failure.status === 404) return null;
        throw failure;
      }
    }

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

function findScript(flow: unknown): string | null {
  const { script } = (flow ?? {}) as { script?: unknown };
  return typeof script === 'string' ? script : null;
}
