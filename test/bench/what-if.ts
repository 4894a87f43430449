import { type LoginId, newId } from '../../src/kernel/ids.ts';
import { createJournals } from '../../src/login/journal.ts';
import { beginsSignIn, comesThroughGoogle, loginIdOf, mailedCode, typesPassword } from '../stories/moves.ts';
import { missionScript, startWorld, type World } from '../stories/world.ts';
import { percentile, readCpuMs, round, type Table, timeEach } from './measure.ts';

/** The newest sign-ins of an application against a draft, and what people who sign in meanwhile wait for. */
export async function run({ logins = 1000 } = {}): Promise<Table[]> {
  const world = await startWorld({ sandboxes: 2 });
  try {
    await fill(world, logins);
    const script = missionScript.replace("== 'LOCAL'", "== 'LOCAL' || true");
    const compare = () => world.admin.post(`/applications/${world.registered.id}/what-if`, { script, limit: logins });
    const quiet = await timeEach(100, () => beginsSignIn(world));
    const cpuBefore = cpuSeconds();
    const began = performance.now();
    const result = await compare();
    const tookMs = performance.now() - began;
    const cpu = cpuSeconds() - cpuBefore;
    let running = true;
    const comparing = compare().finally(() => {
      running = false;
    });
    const meanwhile: number[] = [];
    while (running) meanwhile.push(...(await timeEach(1, () => beginsSignIn(world))));
    await comparing;
    return [
      {
        title: 'What-if',
        rows: [
          {
            'sign-ins compared': Number(result['logins']),
            seconds: round(tookMs / 1000),
            'CPU seconds': round(cpu),
            'a sign-in begins, p50 alone (ms)': round(percentile(quiet, 50)),
            'p50 meanwhile': round(percentile(meanwhile, 50)),
            'p99 alone': round(percentile(quiet, 99)),
            'p99 meanwhile': round(percentile(meanwhile, 99)),
          },
        ],
        note: 'Each sign-in is played twice, with its own version and with the draft; «meanwhile» is once more, while people begin to sign in one after another.',
      },
    ];
  } finally {
    await world.close();
  }
}

/** Of the server and its sandboxes. */
function cpuSeconds(): number {
  const { own, children } = readCpuMs(process.pid);
  return (own + children) / 1000;
}

/** Half are by password and mailed code, half by Google: real ones, copied. */
async function fill(world: World, count: number): Promise<void> {
  await world.addUser('ann', { email: 'ann@example.com', verified: ['http://wso2.org/claims/emailaddress'] });
  const ann = await beginsSignIn(world);
  const annsLogin = loginIdOf(ann);
  await typesPassword(ann, 'ann');
  await ann.chooses('email-otp-authenticator');
  await ann.submits({ code: await mailedCode(world, 'ann@example.com') });
  const grace = await beginsSignIn(world);
  const graces = loginIdOf(grace);
  await comesThroughGoogle(grace);
  const { box, app } = world;
  const journals = createJournals({ box });
  const samples = [annsLogin, graces];
  for (let i = samples.length; i < count; i++) await copy(samples[i % 2]!);

  async function copy(from: LoginId): Promise<void> {
    const { read } = app.database;
    const login = (await read.logins.findById(from))!;
    const id = newId('login');
    await app.database.unit(async ({ logins }) => {
      await logins.insert({ ...login, id, interactionUid: id });
      for (const [seq, entry] of (await journals.read(read.logins, from)).entries()) {
        await journals.append(logins, id, seq, entry);
      }
    });
  }
}
