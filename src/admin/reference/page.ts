import { errors } from '../../kernel/errors.ts';
import { type Html, html } from '../../pages/html.ts';
import { findingCodes } from '../../validator/finding.ts';
import { apiTags } from '../openapi.ts';
import type { Operation } from './model.ts';
import { operationView, withCode } from './operation-view.ts';
import { walkThroughView } from './walk-through.ts';

/** The reference of the admin API: one page without scripts, made from the OpenAPI document. */
export function referencePage({ operations, about }: { operations: readonly Operation[]; about: string }): Html {
  const groups = apiTags.map(({ name, description }) => ({
    name,
    description,
    anchor: name.toLowerCase().replaceAll(' ', '-'),
    operations: operations.filter(({ tag }) => tag === name),
  }));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Admin API – Stepgate</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/api/docs/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/api/docs/reference.css">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="top"><a class="brand" href="/api/docs"><img src="/api/docs/logo.svg" alt="" width="28" height="28">Stepgate</a>
<a href="/api/openapi.json">OpenAPI</a></header>
<div class="columns">
<nav aria-label="Contents">
<ul>
<li><a href="#first-sign-in">A first sign-in with curl</a></li>
${groups.map(
  (group) => html`<li><a href="#${group.anchor}">${group.name}</a>
<ul>${group.operations.map(({ id, summary }) => html`<li><a href="#${id}">${summary}</a></li>`)}</ul></li>
`,
)}<li><a href="#errors">Errors</a></li>
<li><a href="#findings">Findings</a></li>
</ul>
</nav>
<main id="content" tabindex="-1">
<h1>Admin API</h1>
<p class="lead">Everything that an admin does with Stepgate, over HTTP and JSON. Requests go to <code>/api/v1</code> with the header <code>Authorization: Bearer</code> and the token from <code>STEPGATE_ADMIN_TOKEN</code>.</p>
<p>${withCode(about)}</p>
${walkThroughView()}
${groups.map(
  (group) => html`<section class="group" id="${group.anchor}" aria-labelledby="${group.anchor}-title">
<h2 id="${group.anchor}-title">${group.name}</h2>
<p>${group.description}</p>
${group.operations.map(operationView)}</section>
`,
)}
${errorsView()}
${findingsView()}
</main>
</div>
</body>
</html>
`;
}

function errorsView(): Html {
  const rows = Object.entries(errors).map(
    ([
      code,
      { status, admin, mend },
    ]) => html`<tr id="${code}"><th scope="row"><code>${code}</code></th><td>${status}</td><td>${admin} ${mend}</td></tr>
`,
  );
  return html`<section class="group" id="errors" aria-labelledby="errors-title">
<h2 id="errors-title">Errors</h2>
<p>Errors come as <code>application/problem+json</code> with <code>status</code>, <code>code</code>, <code>message</code> and <code>findings</code>. The same codes stand in sign-ins’ failures and in the audit log.</p>
<div class="scroll" role="group" aria-label="Errors" tabindex="0"><table>
<thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Cause and mend</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>
</section>
`;
}

function findingsView(): Html {
  const rows = Object.entries(findingCodes).map(
    ([
      code,
      { severity, summary },
    ]) => html`<tr><th scope="row"><code>${code}</code></th><td>${severity}</td><td>${summary}</td></tr>
`,
  );
  return html`<section class="group" id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
<p>What checking a flow may find. Errors stop publishing. Each finding has its place in the script or in the flow, and most a mend.</p>
<div class="scroll" role="group" aria-label="Findings" tabindex="0"><table>
<thead><tr><th scope="col">Code</th><th scope="col">Severity</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>
</section>
`;
}
