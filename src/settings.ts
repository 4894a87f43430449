import { defaultLimits, type Limits } from '../sandbox/protocol.ts';
import { AppError } from './kernel/errors.ts';
import type { Integration, IntegrationName } from './script-api/outside.ts';

/** What the environment says. Read once, at the start. */
export interface Settings {
  host: string;
  port: number;
  /** Without a trailing slash. */
  publicUrl: string;
  dataDirectory: string;
  keyFile: string | null;
  adminToken: string | null;
  smtpUrl: string | null;
  mailFrom: string;
  /** Addresses or networks whose X-Forwarded-* headers count. */
  trustedProxies: string[];
  /** Host names that connections and scripts may call, `*.example.com` and `*` among them; with none, connections may call
   * every public host and scripts nobody. */
  egressHosts: string[];
  allowLoopbackEgressForDevelopment: boolean;
  /** Servers that functions of scripts call by their own name. */
  integrations: Readonly<Record<IntegrationName, Integration | null>>;
  /** What one script may use, and the calls of one sign-in. */
  scriptLimits: Limits;
  /** How long a sign-in may stay open. */
  loginMinutes: number;
  loginHistoryDays: number;
  auditDays: number;
  /** The server belongs to `npm run demo`, whose data directory is marked. */
  demo: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws AppError SETTING_INVALID with one sentence that names the variable. */
export function readSettings(env: Environment): Settings {
  const port = wholeNumber(env, 'PORT', 9400, 0, 65_535);
  const host = env['HOST'] || '127.0.0.1';
  const publicUrl = (env['PUBLIC_URL'] || `http://${host.includes(':') ? `[${host}]` : host}:${port}`).replace(
    /\/$/,
    '',
  );
  const url = URL.parse(publicUrl);
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.hash) {
    throw wrong('PUBLIC_URL', 'must be a URL such as https://login.example.com, without path or query');
  }
  const trustedProxies = list(env['STEPGATE_TRUSTED_PROXIES']);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && trustedProxies.length === 0) {
    throw wrong(
      'PUBLIC_URL',
      `is plain HTTP on ${url.hostname}; use https, a loopback host, or name the proxy that ends TLS in STEPGATE_TRUSTED_PROXIES`,
    );
  }
  const adminToken = env['STEPGATE_ADMIN_TOKEN'] || null;
  if (adminToken !== null && adminToken.length < 32)
    throw wrong('STEPGATE_ADMIN_TOKEN', 'must have at least 32 characters');
  if (adminToken !== null && !/^[\x21-\x7e]+$/.test(adminToken))
    throw wrong('STEPGATE_ADMIN_TOKEN', 'must have no spaces and only ASCII characters, as it is sent in a header');
  const smtpUrl = env['SMTP_URL'] || null;
  if (smtpUrl !== null && !/^smtps?:$/.test(URL.parse(smtpUrl)?.protocol ?? '')) {
    throw wrong('SMTP_URL', 'must be a URL such as smtp://mail.example.com:587');
  }
  if (env['DATABASE_URL'])
    throw wrong('DATABASE_URL', 'is not supported by this version; leave it out to use SQLite in STEPGATE_DATA');
  return {
    host,
    port,
    publicUrl,
    dataDirectory: env['STEPGATE_DATA'] || './data',
    keyFile: env['STEPGATE_KEY_FILE'] || null,
    adminToken,
    smtpUrl,
    mailFrom: env['MAIL_FROM'] || `Stepgate <no-reply@${url.hostname}>`,
    trustedProxies,
    egressHosts: list(env['STEPGATE_EGRESS_HOSTS']),
    allowLoopbackEgressForDevelopment: flag(env, 'STEPGATE_ALLOW_LOOPBACK_EGRESS_FOR_DEVELOPMENT'),
    integrations: {
      analytics: readIntegration(env, 'STEPGATE_ANALYTICS_URL'),
      elastic: readIntegration(env, 'STEPGATE_ELASTIC_URL'),
    },
    auditDays: wholeNumber(env, 'STEPGATE_AUDIT_DAYS', 365, 1, 36_500),
    scriptLimits: readLimits(env),
    // The application's request is remembered for an hour.
    loginMinutes: wholeNumber(env, 'STEPGATE_LOGIN_MINUTES', 10, 1, 50),
    loginHistoryDays: wholeNumber(env, 'STEPGATE_LOGIN_HISTORY_DAYS', 30, 1, 3650),
    demo: flag(env, 'STEPGATE_DEMO'),
  };
}

function readIntegration(env: Environment, name: string): Integration | null {
  const text = env[name] || null;
  if (text === null) return null;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw wrong(name, 'must be a URL such as https://user:password@analytics.example.com');
  const [username = '', password = ''] = [url.username, url.password].map((part) => decode(part, name));
  return {
    url: (url.origin + url.pathname).replace(/\/+$/, ''),
    credentials: username === '' && password === '' ? null : { username, password },
  };
}

function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(name, 'must have its user name and password percent-encoded');
  }
}

/** Each limit with its variable, and what it may be. */
const limitSettings: Readonly<Record<keyof Limits, readonly [name: string, low: number, high: number]>> = {
  turnCpuMs: ['STEPGATE_SCRIPT_TURN_CPU_MS', 10, 10_000],
  loginCpuMs: ['STEPGATE_SCRIPT_LOGIN_CPU_MS', 10, 60_000],
  turnWallMs: ['STEPGATE_SCRIPT_TURN_WALL_MS', 100, 30_000],
  callWallMs: ['STEPGATE_SCRIPT_CALLS_MS', 100, 60_000],
  memoryMiB: ['STEPGATE_SCRIPT_MEMORY_MIB', 8, 512],
  scriptBytes: ['STEPGATE_SCRIPT_BYTES', 1000, 1_000_000],
  entries: ['STEPGATE_SCRIPT_ENTRIES', 10, 2000],
  queue: ['STEPGATE_SCRIPT_QUEUE', 10, 2000],
  logLines: ['STEPGATE_SCRIPT_LOG_LINES', 0, 10_000],
  logLineBytes: ['STEPGATE_SCRIPT_LOG_LINE_BYTES', 100, 65_536],
  argumentBytes: ['STEPGATE_SCRIPT_DATA', 10_000, 10_000_000],
};

function readLimits(env: Environment): Limits {
  const limits = { ...defaultLimits };
  for (const key of Object.keys(limitSettings) as (keyof Limits)[]) {
    const [name, low, high] = limitSettings[key];
    limits[key] = wholeNumber(env, name, defaultLimits[key], low, high);
  }
  if (limits.turnWallMs < limits.turnCpuMs)
    throw wrong(limitSettings.turnWallMs[0], `must not be less than ${limitSettings.turnCpuMs[0]}`);
  return limits;
}

function wrong(name: string, sentence: string): AppError {
  return new AppError('SETTING_INVALID', { detail: `${name} ${sentence}.` });
}

function wholeNumber(env: Environment, name: string, fallback: number, low: number, high: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) throw wrong(name, `must be a whole number from ${low} to ${high}`);
  return number;
}

function flag(env: Environment, name: string): boolean {
  const text = env[name] ?? '';
  if (!['', '0', '1', 'true', 'false'].includes(text)) throw wrong(name, 'must be 1 or 0');
  return text === '1' || text === 'true';
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname);
}
