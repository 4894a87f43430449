import { type Html, html } from '../../pages/html.ts';
import type { SignedIn, SignInFailure } from './application-client.ts';
import { renderClaims, renderPage } from './page.ts';

/** The pages of the demo application, each as a whole document. */
export function createApplicationPages(name: string, acrValues: readonly string[]) {
  const page = (title: string, body: Html, wide = false) =>
    renderPage({ part: 'application', brand: name, title, body, wide });

  const signInLinks = html`<a class="main" href="/sign-in">Sign in</a>
${acrValues.map(
  (acr) =>
    html`<a class="main other" href="/sign-in?acr_values=${encodeURIComponent(acr)}">Sign in with acr_values=${acr}</a>\n`,
)}`;

  return {
    home: () =>
      page(
        'Welcome',
        html`<h1>Welcome to ${name}</h1>
<p class="faint">A demo application. It has no passwords of its own: it asks Stepgate who you are.</p>
${signInLinks}`,
      ),

    signedIn: (person: SignedIn) =>
      page(
        'Signed in',
        html`<h1>Signed in</h1>
<p>You are <strong>${String(person.userinfo['name'] ?? person.userinfo['preferred_username'] ?? person.claims['sub'])}</strong>. This is what ${name} was told about you.</p>
<div class="row">
${
  person.refreshToken !== null &&
  html`<form method="post" action="/refresh"><button>Refresh the tokens</button></form>
`
}<a class="main other" href="/sign-out">Sign out</a>
</div>
${renderClaims('Claims of the id_token', person.claims)}
${renderClaims('Answer of userinfo', person.userinfo)}
${renderClaims('Tokens', {
  scope: person.scope ?? 'not told',
  'refresh token': person.refreshToken === null ? 'none' : 'yes',
  'times refreshed': person.refreshed,
})}
<details><summary>The id_token as it came</summary><pre>${person.idToken}</pre></details>`,
        true,
      ),

    failed: (failure: SignInFailure) =>
      page(
        failure.refused ? 'Sign-in was refused' : 'Sign-in failed',
        html`<h1>${failure.refused ? 'Sign-in was refused' : 'Sign-in failed'}</h1>
<div class="alarm" role="alert">
<p><code>${failure.error}</code></p>
<p>${failure.error_description || 'No reason was given.'}</p>
</div>
${signInLinks}`,
      ),

    signedOut: () =>
      page('Signed out', html`<h1>Signed out</h1>\n<p>You are signed out of ${name}.</p>\n${signInLinks}`),
  };
}
