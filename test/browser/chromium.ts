import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/**
 * Starts a real, headless Chromium; call it once per test file and close it at the end. It comes from npm and unpacks
 * itself on first use, so nothing has to be installed. Web security stays on: cookies, CORS and CSP hold as for people.
 */
export async function launchChromium(): Promise<Browser> {
  // Read while the package loads: it then brings the shared libraries that a bare machine lacks.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x';
  const { default: packed } = await import('@sparticuz/chromium');
  const executablePath = await packed.executablePath();

  const scratch = await mkdtemp(join(tmpdir(), 'stepgate-chromium-'));
  const fontConfig = join(scratch, 'fonts.conf');
  await writeFile(fontConfig, fontConfigWith([join(tmpdir(), 'fonts'), ...systemFonts], join(scratch, 'cache')));

  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--font-render-hinting=none'],
    env: { ...definedEnvironment(), FONTCONFIG_FILE: fontConfig },
  });
  browser.on('disconnected', () => void rm(scratch, { recursive: true, force: true }));
  return browser;
}

/** The package's own fonts have Latin letters only; Arabic comes from the machine where it has some. */
const systemFonts = ['/usr/share/fonts', '/usr/local/share/fonts'].filter((path) => existsSync(path));

function fontConfigWith(directories: string[], cache: string): string {
  const entries = directories.map((directory) => `<dir>${directory}</dir>`).join('');
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${entries}<cachedir>${cache}</cachedir></fontconfig>`;
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
