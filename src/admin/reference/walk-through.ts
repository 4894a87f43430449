import { type Html, html } from '../../pages/html.ts';

interface Part {
  title: string;
  text: string;
  /** Lines for a POSIX shell with curl and openssl; they build on those before. */
  shell: string;
}

/** A first sign-in with nothing but a shell. A test runs these lines as they stand. */
export const walkThrough: readonly Part[] = [
  {
    title: 'Say where the server is, and who you are',
    text: 'The token is the one that the server was started with.',
    shell: `export STEPGATE=http://127.0.0.1:9400
export STEPGATE_ADMIN_TOKEN=…

# api PATH [CONTENT]: calls the admin API
api() {
  curl -sS --fail-with-body -H "Authorization: Bearer $STEPGATE_ADMIN_TOKEN" \\
    -H 'Content-Type: application/json' \${2:+-d "$2"} "$STEPGATE/api/v1$1"
}
# field NAME: a text out of the JSON that comes in
field() { sed -n 's/.*"'"$1"'":"\\([^"]*\\)".*/\\1/p'; }`,
  },
  {
    title: 'Make a person',
    text: 'Claims are named by URI or by their plain name.',
    shell: `api /users '{
  "username": "ann",
  "password": "correct horse battery staple",
  "claims": { "givenname": "Ann", "emailaddress": "ann@example.com" }
}'`,
  },
  {
    title: 'Make a connection to an identity provider',
    text: 'Its id and secret are those that the provider gave you. This sign-in does not need it, but its page offers it.',
    shell: `api /connections '{
  "name": "Google",
  "type": "oidc",
  "preset": "google",
  "clientId": "…",
  "clientSecret": "…"
}'`,
  },
  {
    title: 'Make an application with a sign-in flow',
    text: 'One step: a password, or the connection. The flow is published at once. Public applications have no secret; nobody has to listen at the redirect URI for this.',
    shell: `APPLICATION=$(api /applications '{
  "name": "First application",
  "clientType": "public",
  "consent": "skip",
  "redirectUris": ["http://127.0.0.1:1/callback"],
  "signInFlow": { "steps": [{ "options": [{ "authenticator": "BasicAuthenticator" }, { "idp": "Google" }] }] }
}')
CLIENT_ID=$(echo "$APPLICATION" | field clientId)
ID=$(echo "$APPLICATION" | field id)`,
  },
  {
    title: 'Send the browser to sign in',
    text: 'PKCE is required. What comes back is the sign-in page, with the form’s hidden token.',
    shell: `VERIFIER=$(openssl rand -hex 32)
CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')

PAGE=$(curl -sS -L -c cookies.txt -b cookies.txt -o page.html -w '%{url_effective}' -G "$STEPGATE/oidc/authorize" \\
  -d response_type=code -d client_id="$CLIENT_ID" -d state=anything \\
  --data-urlencode redirect_uri=http://127.0.0.1:1/callback \\
  --data-urlencode 'scope=openid profile email' \\
  -d code_challenge="$CHALLENGE" -d code_challenge_method=S256)
CSRF=$(sed -n 's/.*name="csrf" value="\\([^"]*\\)".*/\\1/p' page.html | head -n 1)`,
  },
  {
    title: 'Sign in',
    text: 'The answer leads to the redirect URI. Nobody answers there, but its address has the code.',
    shell: `CALLBACK=$(curl -s -L -c cookies.txt -b cookies.txt -o page.html -w '%{url_effective}' "$PAGE" \\
  --data-urlencode csrf="$CSRF" -d username=ann --data-urlencode 'password=correct horse battery staple')
CODE=$(echo "$CALLBACK" | sed -n 's/.*[?&]code=\\([^&]*\\).*/\\1/p')`,
  },
  {
    title: 'Change the code for tokens, and ask who it is',
    text: 'The code works once, and only with the verifier.',
    shell: `TOKENS=$(curl -sS --fail-with-body "$STEPGATE/oidc/token" -d grant_type=authorization_code \\
  -d client_id="$CLIENT_ID" -d code="$CODE" -d code_verifier="$VERIFIER" \\
  --data-urlencode redirect_uri=http://127.0.0.1:1/callback)
curl -sS --fail-with-body -H "Authorization: Bearer $(echo "$TOKENS" | field access_token)" "$STEPGATE/oidc/userinfo"`,
  },
  {
    title: 'Try a script that asks for a second factor',
    text: 'The dry run plays it on the real engine, with a scenario in place of people. Nothing is saved or sent.',
    shell: `api "/applications/$ID/dry-run" '{
  "steps": [
    { "options": [{ "authenticator": "BasicAuthenticator" }] },
    { "options": [{ "authenticator": "totp" }] }
  ],
  "script": "function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { executeStep(2); } }); }",
  "scenario": {
    "steps": {
      "1": [{ "outcome": "success", "user": "ann" }],
      "2": [{ "outcome": "fail" }, { "outcome": "success" }]
    }
  }
}'`,
  },
];

export function walkThroughView(): Html {
  const parts = walkThrough.map(
    ({ title, text, shell }) => html`<li>
<h3>${title}</h3>
<p>${text}</p>
<pre tabindex="0" aria-label="${title}, with curl"><code>${shell}</code></pre>
</li>
`,
  );
  return html`<section id="first-sign-in" aria-labelledby="first-sign-in-title">
<h2 id="first-sign-in-title">A first sign-in with curl</h2>
<p>Start the server with a token of your own, <code>STEPGATE_ADMIN_TOKEN=$(openssl rand -hex 32) npm start</code>, and follow in another shell.</p>
<ol class="walk">
${parts}</ol>
</section>
`;
}
