import { CookieJar } from 'tough-cookie';

export interface Page {
  status: number;
  url: string;
  /** Where it leads, as an absolute URL; null when it is a page to stay on. */
  location: string | null;
  text: string;
  headers: Headers;
}

/** A person's browser, over real HTTP: it keeps cookies and follows redirects as long as they stay with the server. */
export interface Browser {
  jar: CookieJar;
  /** One request, no redirect followed. */
  request(url: string, of?: { form?: Record<string, string>; headers?: Record<string, string> }): Promise<Page>;
  /** Goes on until a page is shown or the browser leaves for another host. */
  open(url: string, of?: { form?: Record<string, string> }): Promise<Page>;
}

export function createBrowser({ publicUrl, address }: { publicUrl: string; address: string }): Browser {
  const jar = new CookieJar();
  const { host } = new URL(publicUrl);

  async function request(url: string, { form, headers = {} }: Parameters<Browser['request']>[1] = {}): Promise<Page> {
    const target = new URL(url);
    if (target.host !== host) throw new Error(`${url} is not on the server`);
    const response = await fetch(address + target.pathname + target.search, {
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: await jar.getCookieString(url), ...headers },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url);
    const location = response.headers.get('location');
    return {
      status: response.status,
      url,
      location: location === null ? null : new URL(location, url).href,
      text: await response.text(),
      headers: response.headers,
    };
  }

  return {
    jar,
    request,
    async open(url, of) {
      let page = await request(url, of);
      while (page.location !== null && new URL(page.location).host === host) page = await request(page.location);
      return page;
    },
  };
}

/** The hidden fields and the action of a page's form. */
export function readForm(page: Page): { action: string; fields: Record<string, string> } {
  const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? '';
  const inputs = page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return {
    action: new URL(action, page.url).href,
    fields: Object.fromEntries([...inputs].map(([, name, value]) => [name, value])),
  };
}
