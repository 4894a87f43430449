import { CookieJar } from 'tough-cookie';
import { request } from 'undici';
import { type Button, type Form, type Page, readPage } from './read-page.ts';

/** One request and its answer, as a line in a report. Values of parameters and fields are never kept: they may be secrets. */
export interface Hop {
  method: 'GET' | 'POST';
  /** Without scheme; ids cut short; parameters by name only. */
  url: string;
  /** Names of the fields that were sent with a POST. */
  sent: string[];
  status: number;
  /** `to …` for a redirect, the heading or title for a page. */
  outcome: string;
}

export interface PersonOptions {
  /** What others call them in reports. Default «somebody». */
  name?: string;
  /** For each request. Default 10,000. */
  timeoutMs?: number;
  /** Sent with every request, such as `accept-language`. */
  headers?: Record<string, string>;
  /** Called after each hop; the next request waits for it. */
  onHop?: (hop: Hop) => void | Promise<void>;
  /**
   * Waits until it makes sense to ask again when a request got no answer: then the browser loads the same address, by GET
   * whatever the request was, as people do. Without it such a request is an error.
   */
  onNoAnswer?: (failure: Error) => Promise<void>;
}

/** A person with a browser that has no JavaScript: cookies, redirects and forms over real HTTP. */
export interface Person {
  name: string;
  /** As if typed into the address bar. */
  opens(url: string): Promise<Page>;
  /** Clicks the link with this text (or part of it). */
  follows(link: string | RegExp): Promise<Page>;
  /**
   * Fills in the form that has these fields and sends it with the button of this name and value, or as Enter does, with
   * its first one. Hidden fields go along and can be overwritten. An error if the page has no such form.
   */
  submits(values: Record<string, string>, options?: { button?: { name: string; value?: string } }): Promise<Page>;
  /** Presses the button whose value or text this is (or whose text it is a part of). */
  chooses(option: string | RegExp): Promise<Page>;
  /** Is there such a button? */
  canChoose(option: string | RegExp): boolean;
  /** Goes back to a page seen before, as the browser's history shows it, without a request. */
  returnsTo(page: Page): void;
  /** The JSON at a URL, asked with this person's cookies, whatever its status. */
  reads(url: string): Promise<{ status: number; body: unknown }>;
  /** Heading of the page, or its title where it has none. */
  isAt(): string;
  /** The page in front of them; an error before the first. */
  page(): Page;
  /** All since the start, the oldest first. */
  hops(): readonly Hop[];
  /** Puts a cookie into the browser, as an answer from this URL would. */
  keepsCookie(url: string, cookie: string): Promise<void>;
  /** What the browser would send to this URL. */
  cookiesFor(url: string): Promise<string>;
  /** A second tab: same cookies, its own page and hops. */
  opensTab(): Person;
}

const mostRedirects = 20;

interface Visit {
  method: 'GET' | 'POST';
  url: URL;
  fields: URLSearchParams | null;
  /** URL of the page that led here; null when it was typed. */
  from: string | null;
}

export function createPerson(options: PersonOptions = {}): Person {
  return createTab(options, new CookieJar(undefined, { allowSpecialUseDomain: true, allowSecureOnLocal: true }));
}

function createTab(options: PersonOptions, jar: CookieJar): Person {
  const { name = 'somebody', timeoutMs = 10_000 } = options;
  const hops: Hop[] = [];
  let current: Page | null = null;

  async function exchange(visit: Visit, accept: string) {
    const { url, fields } = visit;
    const cookie = await jar.getCookieString(url.href, { sameSiteContext: siteContext(visit) });
    const response = await request(url, {
      method: visit.method,
      headers: {
        accept,
        'accept-language': 'en',
        ...options.headers,
        ...(cookie === '' ? {} : { cookie }),
        ...(fields === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(visit.method === 'POST' && visit.from !== null ? { origin: new URL(visit.from).origin } : {}),
      },
      body: fields === null ? null : String(fields),
      // Servers are stopped and started again in the middle of a sign-in: no connection outlives its request.
      reset: true,
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause) => {
      throw new Error(
        `${visit.method} ${shorten(url)} got no answer: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      );
    });
    for (const line of [response.headers['set-cookie'] ?? []].flat()) {
      await jar.setCookie(line, url.href, { ignoreError: true });
    }
    const { location } = response.headers;
    return {
      status: response.statusCode,
      location: typeof location === 'string' ? location : null,
      text: await response.body.text(),
    };
  }

  async function go(start: Visit): Promise<Page> {
    let visit = start;
    for (let count = 0; count <= mostRedirects; count += 1) {
      const { url } = visit;
      const answer = await exchange(visit, 'text/html').catch(async (failure: Error) => {
        if (options.onNoAnswer === undefined) throw failure;
        await options.onNoAnswer(failure);
        return null;
      });
      if (answer === null) {
        visit = { ...visit, method: 'GET', fields: null };
        continue;
      }
      const target =
        answer.status >= 300 && answer.status < 400 && answer.location !== null ? new URL(answer.location, url) : null;
      const page = readPage({ html: answer.text, url: url.href, status: answer.status });
      const hop: Hop = {
        method: visit.method,
        url: shorten(url),
        sent: [...(visit.fields?.keys() ?? [])],
        status: answer.status,
        outcome: target === null ? `«${page.heading || page.title}»` : `to ${shorten(target)}`,
      };
      hops.push(hop);
      await options.onHop?.(hop);
      if (target === null) {
        current = page;
        return page;
      }
      const repeats = answer.status === 307 || answer.status === 308;
      visit = repeats ? { ...visit, url: target } : { method: 'GET', url: target, fields: null, from: visit.from };
    }
    throw new Error(
      `${name} was redirected more than ${mostRedirects} times: ${hops
        .slice(-4)
        .map(({ url }) => url)
        .join(', ')}`,
    );
  }

  function page(): Page {
    if (current === null) throw new Error(`${name} has opened no page yet.`);
    return current;
  }

  function send(form: Form, button: Button | null, values: Record<string, string>): Promise<Page> {
    const fields = new URLSearchParams();
    for (const field of form.fields) {
      const value = Object.hasOwn(values, field.name) ? values[field.name] : field.value;
      if (value !== null && value !== undefined) fields.append(field.name, value);
    }
    if (button !== null && button.name !== '') fields.append(button.name, button.value);
    const url = new URL(button?.action ?? form.action);
    const from = page().url;
    if (form.method === 'post') return go({ method: 'POST', url, fields, from });
    url.search = String(fields);
    return go({ method: 'GET', url, fields: null, from });
  }

  function findButton(option: string | RegExp): { form: Form; button: Button } | null {
    const all = page().forms.flatMap((form) => form.buttons.map((button) => ({ form, button })));
    return (
      all.find(({ button }) => fits(option, button.value, 'whole') || fits(option, button.text, 'whole')) ??
      all.find(({ button }) => fits(option, button.text, 'part')) ??
      null
    );
  }

  return {
    name,
    page,
    opens: (url) => go({ method: 'GET', url: new URL(url), fields: null, from: null }),
    follows: async (wanted) => {
      const { links, url } = page();
      const link =
        links.find(({ text }) => fits(wanted, text, 'whole')) ?? links.find(({ text }) => fits(wanted, text, 'part'));
      if (link === undefined) throw new Error(`${describe(page())} has no link «${wanted}».`);
      return go({ method: 'GET', url: new URL(link.url), fields: null, from: url });
    },
    submits: async (values, { button } = {}) => {
      const matches = (one: Button) => one.name === button?.name && one.value === (button.value ?? one.value);
      const form = page().forms.find(
        ({ fields, buttons }) =>
          Object.keys(values).every((key) => fields.some((field) => field.name === key)) &&
          (button === undefined || buttons.some(matches)),
      );
      if (form === undefined) {
        const wanted = [
          ...Object.keys(values),
          ...(button === undefined ? [] : [`${button.name}=${button.value ?? '…'}`]),
        ];
        throw new Error(`${describe(page())} has no form with ${wanted.join(', ') || 'anything to send'}.`);
      }
      const pressed = button === undefined ? form.buttons[0] : form.buttons.find(matches);
      return send(form, pressed ?? null, values);
    },
    chooses: async (option) => {
      const found = findButton(option);
      if (found === null) throw new Error(`${describe(page())} has no button «${option}».`);
      return send(found.form, found.button, {});
    },
    canChoose: (option) => findButton(option) !== null,
    returnsTo: (earlier) => {
      current = earlier;
    },
    reads: async (url) => {
      const visit: Visit = { method: 'GET', url: new URL(url), fields: null, from: null };
      const answer = await exchange(visit, 'application/json');
      return { status: answer.status, body: JSON.parse(answer.text) };
    },
    isAt: () => page().heading || page().title,
    hops: () => hops,
    keepsCookie: async (url, cookie) => void (await jar.setCookie(cookie, url)),
    cookiesFor: (url) => jar.getCookieString(url),
    opensTab: () => createTab(options, jar),
  };
}

/** Which cookies may go along (RFC 6265bis section 5.2): a link or form of another site leaves `Strict` ones at home. */
function siteContext(visit: Visit): 'strict' | 'lax' | 'none' {
  if (visit.from === null) return 'strict';
  const from = new URL(visit.from);
  if (from.protocol === visit.url.protocol && from.hostname === visit.url.hostname) return 'strict';
  return visit.method === 'GET' ? 'lax' : 'none';
}

function fits(wanted: string | RegExp, text: string, how: 'whole' | 'part'): boolean {
  if (wanted instanceof RegExp) return wanted.test(text);
  return how === 'whole' ? text === wanted : text.toLowerCase().includes(wanted.toLowerCase());
}

function shorten(url: URL): string {
  const path = url.pathname.split('/').map((part) => (part.length > 20 ? `${part.slice(0, 6)}…` : part));
  const names = [...new Set(url.searchParams.keys())];
  return `${url.host}${path.join('/')}${names.length === 0 ? '' : `?${names.join('&')}`}`;
}

function describe(page: Page): string {
  const forms = page.forms.map(({ fields, buttons }) => {
    const parts = [...fields.map((field) => field.name), ...buttons.map((button) => `[${button.text}]`)];
    return parts.join(' ');
  });
  const links = page.links.map(({ text }) => text);
  return `The page «${page.heading || page.title}» (${page.status}, forms: ${forms.join(' | ') || 'none'}, links: ${links.join(', ') || 'none'})`;
}
