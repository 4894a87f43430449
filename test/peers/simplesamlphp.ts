import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import type { SamlConnection } from '../../src/connections/connection.ts';
import { makeCertificate } from '../../src/connections/self-signed-certificate.ts';
import { connectionUrls } from '../../src/connections/urls.ts';

/** Where Debian's package puts it. */
const program = '/usr/share/simplesamlphp/www';

/** What is missing to run it, as a sentence; null when nothing is. */
export function findMissing(): string | null {
  if (!existsSync(join(program, 'saml2/idp/SSOService.php'))) {
    return 'SimpleSAMLphp is not here: apt-get install --no-install-recommends simplesamlphp php-cli php-xml.';
  }
  const paths = (process.env['PATH'] ?? '').split(delimiter);
  return paths.some((path) => existsSync(join(path, 'php'))) ? null : 'PHP is not here: apt-get install php-cli.';
}

export interface SimpleSamlPhp {
  url: string;
  /** Its own, as it publishes them. */
  metadata(): Promise<string>;
  /** Makes us known there, as an admin would from our metadata. */
  knows(connection: SamlConnection, publicUrl: string, options?: { encrypts?: boolean }): Promise<void>;
  close(): Promise<void>;
}

export const person = { username: 'grace', password: 'a password of hers' };

/** SimpleSAMLphp 1.19 as identity provider, by PHP's own web server, with one person. */
export async function startSimpleSamlPhp(host: string): Promise<SimpleSamlPhp> {
  const directory = await mkdtemp(join(tmpdir(), 'simplesamlphp-'));
  const url = `http://${host}:${await findFreePort({ host })}`;
  await mkdir(join(directory, 'metadata'));
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const write = (file: string, text: string) => writeFile(join(directory, file), text);
  await write('idp.pem', keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  await write('idp.crt', makeCertificate({ ...keys, name: 'simplesamlphp', now: Date.now() }));
  await write('config.php', assign('config', configure(url, directory)));
  await write('authsources.php', assign('config', { people: { 0: 'exampleauth:UserPass', ...grace } }));
  await write('metadata/saml20-idp-hosted.php', assign('metadata', { [`${url}/idp`]: identityProvider }));
  await write('metadata/saml20-sp-remote.php', assign('metadata', {}));

  // Without PHP's cache, what the test changes counts at once.
  const server = spawn('php', ['-d', 'opcache.enable=0', '-S', new URL(url).host, '-t', program], {
    env: { PATH: process.env['PATH'] ?? '', SIMPLESAMLPHP_CONFIG_DIR: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk) => {
      log += chunk;
      if (log.includes('started')) resolve();
    });
    server.on('exit', () => reject(new Error(`PHP did not come up: ${log}`)));
  });

  return {
    url,
    async metadata() {
      const answer = await fetch(`${url}/saml2/idp/metadata.php`);
      const xml = await answer.text();
      if (!answer.ok) throw new Error(`no metadata: ${xml.replace(/<[^>]*>/g, ' ').slice(0, 500)}\n${log}`);
      return xml;
    },
    async knows(connection, publicUrl, { encrypts = false } = {}) {
      const { metadataUrl = '', callbackUrl, logoutUrl } = connectionUrls(publicUrl, connection);
      const keysOfOurs = connection.keys.map(({ certificate }) => ({
        type: 'X509Certificate',
        signing: true,
        encryption: true,
        X509Certificate: certificate.replace(/-----.*-----|\s/g, ''),
      }));
      const partner = {
        AssertionConsumerService: callbackUrl,
        SingleLogoutService: logoutUrl,
        keys: keysOfOurs,
        'validate.authnrequest': true,
        'validate.logout': true,
        'sign.logout': true,
        'assertion.encryption': encrypts,
        sharedkey_algorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      };
      await write('metadata/saml20-sp-remote.php', assign('metadata', { [metadataUrl]: partner }));
    },
    async close() {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

const grace = {
  [`${person.username}:${person.password}`]: {
    uid: ['grace'],
    employeeNumber: ['1906'],
    mail: ['grace.hopper@example.com'],
    givenName: ['Grace'],
    sn: ['Hopper'],
    memberOf: ['engineering', 'navy'],
  },
};

const identityProvider = {
  host: '__DEFAULT__',
  privatekey: 'idp.pem',
  certificate: 'idp.crt',
  auth: 'people',
  'signature.algorithm': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'sign.logout': true,
  NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  authproc: { 1: { class: 'saml:PersistentNameID', attribute: 'employeeNumber' } },
};

function configure(url: string, directory: string) {
  return {
    baseurlpath: `${url}/`,
    certdir: `${directory}/`,
    loggingdir: `${directory}/`,
    datadir: `${directory}/`,
    tempdir: `${directory}/`,
    metadatadir: `${directory}/metadata/`,
    'metadata.sources': [{ type: 'flatfile', directory: `${directory}/metadata/` }],
    secretsalt: 'of the test alone',
    'auth.adminpassword': 'of the test alone',
    technicalcontact_email: 'admin@example.com',
    timezone: 'UTC',
    'enable.saml20-idp': true,
    'module.enable': { exampleauth: true, core: true, saml: true },
    'logging.handler': 'errorlog',
    'store.type': 'phpsession',
    'session.cookie.secure': false,
    'session.phpsession.cookiename': 'peer',
    'session.phpsession.savepath': directory,
    'session.check_function': '',
    'trusted.url.domains': null,
    'language.default': 'en',
  };
}

/** A file that sets a variable of PHP's. */
function assign(name: string, value: object): string {
  return `<?php\n$${name} = json_decode(<<<'JSON'\n${JSON.stringify(value)}\nJSON, true);\n`;
}
