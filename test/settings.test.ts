import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../sandbox/protocol.ts';
import { readSettings } from '../src/settings.ts';

describe('the limits of scripts', () => {
  it('are those of the contract where the environment says nothing', () => {
    const { scriptLimits, loginMinutes } = readSettings({});
    expect(scriptLimits).toEqual({
      turnCpuMs: 100,
      loginCpuMs: 500,
      turnWallMs: 1000,
      callWallMs: 10_000,
      memoryMiB: 16,
      scriptBytes: 100_000,
      entries: 200,
      queue: 200,
      logLines: 200,
      logLineBytes: 4096,
      argumentBytes: 1_000_000,
    });
    expect(scriptLimits).toEqual(defaultLimits);
    expect(loginMinutes).toBe(10);
  });

  it.each([
    ['STEPGATE_SCRIPT_TURN_CPU_MS', 200, 'turnCpuMs'],
    ['STEPGATE_SCRIPT_LOGIN_CPU_MS', 900, 'loginCpuMs'],
    ['STEPGATE_SCRIPT_TURN_WALL_MS', 2000, 'turnWallMs'],
    ['STEPGATE_SCRIPT_CALLS_MS', 3000, 'callWallMs'],
    ['STEPGATE_SCRIPT_MEMORY_MIB', 32, 'memoryMiB'],
    ['STEPGATE_SCRIPT_BYTES', 50_000, 'scriptBytes'],
    ['STEPGATE_SCRIPT_ENTRIES', 50, 'entries'],
    ['STEPGATE_SCRIPT_QUEUE', 60, 'queue'],
    ['STEPGATE_SCRIPT_DATA', 20_000, 'argumentBytes'],
    ['STEPGATE_SCRIPT_LOG_LINES', 5, 'logLines'],
    ['STEPGATE_SCRIPT_LOG_LINE_BYTES', 1000, 'logLineBytes'],
  ] as const)('%s sets one of them and no other', (name, value, limit) => {
    expect(readSettings({ [name]: String(value) }).scriptLimits).toEqual({ ...defaultLimits, [limit]: value });
    for (const wrong of ['-1', '1.5', 'many', '99999999999']) {
      expect(() => readSettings({ [name]: wrong })).toThrow(`${name} must be a whole number`);
    }
  });

  it('STEPGATE_LOGIN_MINUTES says how long a sign-in may stay open', () => {
    expect(readSettings({ STEPGATE_LOGIN_MINUTES: '30' }).loginMinutes).toBe(30);
    expect(() => readSettings({ STEPGATE_LOGIN_MINUTES: '60' })).toThrow('STEPGATE_LOGIN_MINUTES');
  });

  it('a turn has at least as much time on the clock as on the processor', () => {
    expect(() => readSettings({ STEPGATE_SCRIPT_TURN_CPU_MS: '2000' })).toThrow(
      'STEPGATE_SCRIPT_TURN_WALL_MS must not be less than STEPGATE_SCRIPT_TURN_CPU_MS',
    );
  });
});

describe('servers that functions of scripts call', () => {
  it.each<[string, { url: string; credentials: object | null }]>([
    ['https://a.example', { url: 'https://a.example', credentials: null }],
    ['https://a.example:9200/base/', { url: 'https://a.example:9200/base', credentials: null }],
    [
      'https://us%3Aer:p%40ss@a.example',
      { url: 'https://a.example', credentials: { username: 'us:er', password: 'p@ss' } },
    ],
  ])('%s', (text, integration) => {
    const read = readSettings({ STEPGATE_ANALYTICS_URL: text, STEPGATE_ELASTIC_URL: text }).integrations;
    expect(read).toEqual({ analytics: integration, elastic: integration });
  });

  it('are none where the environment says nothing', () => {
    expect(readSettings({}).integrations).toEqual({ analytics: null, elastic: null });
  });

  it.each(['a.example', 'ftp://a.example', 'https://a.example/?x', 'https://%zz:x@a.example'])('%s is none', (text) => {
    expect(() => readSettings({ STEPGATE_ELASTIC_URL: text })).toThrow('STEPGATE_ELASTIC_URL must');
  });
});
