import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Pool } from '../sandbox/pool.ts';

/** What `GET /metrics` tells, in Prometheus' text format. No metric names a person, an application or a script. */
export interface Metrics {
  loginEnded(result: 'succeeded' | 'failed', code: string | null): void;
  /** A play of a script: how long it took in all, in milliseconds, and how it ended. */
  scriptPlayed(ms: number, end: string): void;
  /** A play that was not begun, because its version used up too much before. */
  scriptRefused(): void;
  render(): Promise<{ type: string; text: string }>;
}

export function createMetrics({ pool }: { pool: Pool }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'stepgate_' });
  const logins = new Counter({
    name: 'stepgate_logins_total',
    help: 'Logins that ended, by result and error code.',
    labelNames: ['result', 'code'],
    registers,
  });
  const plays = new Histogram({
    name: 'stepgate_script_play_seconds',
    help: 'Time of one play of a script, with the answers it asked for.',
    labelNames: ['end'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const refused = new Counter({
    name: 'stepgate_script_plays_refused_total',
    help: 'Plays not begun, because earlier ones of the version used up their time or memory.',
    registers,
  });
  new Gauge({
    name: 'stepgate_sandboxes',
    help: 'Sandbox processes that are up.',
    registers,
    collect() {
      this.set(pool.pids.length);
    },
  });

  return {
    loginEnded: (result, code) => logins.inc({ result, code: code ?? '' }),
    scriptRefused: () => refused.inc(),
    scriptPlayed: (ms, end) => plays.observe({ end }, ms / 1000),
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
