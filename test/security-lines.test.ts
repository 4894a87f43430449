import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/**
 * What must hold of sign-ins through providers, linking and calls to other hosts, line by line, and the tests that hold it:
 * a file below `test`, and titles in it. A test that goes or is renamed is missed here.
 */
const lines: Record<string, [file: string, ...titles: string[]][]> = {
  'an answer is checked for its issuer (mix-up)': [
    ['stories/published-faults-in-answers.test.ts', 'GHSA-x445-f3h2-j279'],
    ['federation/misbehaving-provider.test.ts', 'another issuer in the id_token', 'another issuer beside the code'],
  ],
  'state is bound to the browser and to one connection, and counts once': [
    ['stories/federation-abuse.test.ts', 'login CSRF', 'an assertion at another connection’s address is not read'],
    ['federation/signing-in.test.ts', 'an answer counts once', 'another step of the same login'],
  ],
  'PKCE, nonce and duplicate parameters': [
    ['stories/federation-abuse.test.ts', 'code injection', 'duplicate parameters'],
    ['federation/misbehaving-provider.test.ts', 'another nonce', 'no nonce'],
  ],
  'algorithms by allow-list, keys by issuer': [
    [
      'federation/abuse.test.ts',
      'algorithms by allow-list, keys by issuer',
      'taken for a shared secret',
      'brings along',
    ],
    ['federation/saml.test.ts', 'is signed with SHA-1', 'is signed by a key that nobody gave us'],
  ],
  'a clock may be a minute off and no more': [
    ['federation/misbehaving-provider.test.ts', 'an id_token that has expired', 'half a minute off is no reason'],
    ['stories/saml-person.test.ts', 'a clock that is off by %f minutes is no reason', 'ten minutes ahead'],
  ],
  'answers by POST are kept under their state and read where the cookie is': [
    [
      'stories/answers-by-post.test.ts',
      'is kept, and read where the login’s cookie comes along',
      'into another browser',
    ],
  ],
  'the session id changes at sign-in and at step-up': [
    ['stories/published-faults-in-answers.test.ts', 'CVE-2023-29019'],
    ['stories/sessions.test.ts', 'the session is another one then'],
  ],
  'sign-ins end by themselves': [
    ['stories/tabs-and-time.test.ts', 'is over for somebody who comes back from a provider'],
  ],
  'what is disabled, locked or withdrawn counts at once, on the way too': [
    ['stories/access-ended.test.ts', 'the person is locked', 'the application is disabled', 'the version is withdrawn'],
    ['stories/federation-abuse.test.ts', 'a disabled connection refuses at once'],
    ['stories/published-faults-in-answers.test.ts', 'CVE-2026-3009', 'CVE-2026-2603'],
  ],
  'an address that is merely claimed links nobody (nOAuth)': [
    ['stories/published-faults.test.ts', 'nOAuth', 'CVE-2026-9092'],
    ['stories/published-faults-in-answers.test.ts', 'CVE-2026-134312', 'CVE-2026-55216'],
  ],
  'an account that nobody verified takes over nothing and is not taken over (pre-hijacking)': [
    ['stories/published-faults.test.ts', 'better-auth 9578', 'classic-federated merge', 'the other direction'],
  ],
  'both sides are proven in one unit': [
    ['stories/linking.test.ts', 'VERIFIED_ATTRIBUTE', 'an account that was linked to somebody else meanwhile'],
    ['crash/provisioning.test.ts', 'links an account that was proven'],
    ['crash/moments.test.ts', 'that a script makes'],
  ],
  'user names are normalised, and confusable ones refused': [
    ['stories/account-questions.test.ts', 'PROMPT_USERNAME_PASSWORD_CONSENT'],
    ['stories/bad-claims.test.ts', 'a name of two scripts that look alike'],
  ],
  'a provider’s factors count where it is trusted and signs': [
    ['stories/who-comes-in.test.ts', 'where it is trusted', 'where it is not', 'where it is not signed'],
  ],
  'a provider’s secret opens at its own row, and goes to its own recipient': [
    ['federation/claims.test.ts', 'a client secret opens only for its own connection'],
    ['admin/connections.test.ts', 'is read nowhere else'],
  ],
  'of a hundred at once one counts': [
    ['stories/one-person-at-once.test.ts', 'brought a hundred times at once', 'sent a hundred times at once'],
    ['provisioning/apply.test.ts', 'of 100 callers for one person at once'],
  ],
  'a slow or lying provider is a page that the person understands, within 10 s': [
    ['stories/federation-abuse.test.ts', 'a provider that hangs'],
    ['stories/hanging-endpoints.test.ts', '%s'],
    ['stories/hanging-providers.test.ts', 'does not wait the whole time again'],
  ],
  'SSRF: hosts are listed': [['egress/guarded-fetch.test.ts', 'a host that is not in the list is refused']],
  'SSRF: the address that was checked is the one that is dialled': [
    ['egress/guarded-fetch.test.ts', 'is looked up once for a connection, and the checked address is the dialled one'],
  ],
  'SSRF: only global unicast addresses, however they are written': [
    ['egress/addresses.test.ts', '«%s» is refused'],
    ['egress/url-vectors.test.ts', 'is no way round the address'],
    ['federation/abuse.test.ts', 'only global addresses, whatever its metadata say'],
    ['stories/federation-abuse.test.ts', 'SSRF'],
  ],
  'SSRF: redirects are not followed': [
    ['egress/guarded-fetch.test.ts', 'a redirect is not followed'],
    ['federation/abuse.test.ts', 'no redirects'],
  ],
  'SSRF: one deadline for the whole': [
    ['egress/guarded-fetch.test.ts', 'a server that trickles runs into the deadline'],
  ],
  'SSRF: bytes are counted after decompression': [
    ['egress/guarded-fetch.test.ts', 'a gzip bomb is stopped by its unpacked size', 'one byte more does not'],
  ],
  'SSRF: headers that frame a request or prove where it is from are not the script’s': [
    ['script-api/http-headers.test.ts', 'SSRF: %s is not a script’s to set'],
  ],
  'SSRF: one error, whoever is there': [
    ['egress/guarded-fetch.test.ts', 'nobody there is the same error as a forbidden address'],
  ],
  'SSRF: a switch for development reaches loopback alone': [
    ['egress/guarded-fetch.test.ts', 'in development mode plain http still reaches loopback only'],
  ],
};

test.each(Object.entries(lines))('%s', (_line, tests) => {
  for (const [file, ...titles] of tests) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(titles.length).toBeGreaterThan(0);
    for (const title of titles) expect(text, `${file} has «${title}»`).toContain(title);
  }
});
