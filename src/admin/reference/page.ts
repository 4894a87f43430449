import { errors } from '../../kernel/errors.ts';
import { type Html, html } from '../../pages/html.ts';
import { findingCodes } from '../../validator/finding.ts';
import { apiTags } from '../openapi.ts';
import { frame, section, table } from './frame.ts';
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
  const nav = html`<li><a href="#first-sign-in">A first sign-in with curl</a></li>
${groups.map(
  (group) => html`<li><a href="#${group.anchor}">${group.name}</a>
<ul>${group.operations.map(({ id, summary }) => html`<li><a href="#${id}">${summary}</a></li>`)}</ul></li>
`,
)}<li><a href="#errors">Errors</a></li>
<li><a href="#findings">Findings</a></li>
`;
  const main = html`<p class="lead">Everything that an admin does with Stepgate, over HTTP and JSON. Requests go to <code>/api/v1</code> with the header <code>Authorization: Bearer</code> and the token from <code>STEPGATE_ADMIN_TOKEN</code>.</p>
<p>${withCode(about)}</p>
${walkThroughView()}
${groups.map((group) =>
  section(
    group.anchor,
    group.name,
    html`<p>${group.description}</p>
${group.operations.map(operationView)}`,
  ),
)}
${errorsView()}
${findingsView()}`;
  const other = html`<a href="/api/docs/scripts">Scripts</a> <a href="/api/openapi.json">OpenAPI</a>`;
  return frame({ title: 'Admin API', other, nav, main });
}

function errorsView(): Html {
  const rows = Object.entries(errors).map(
    ([
      code,
      { status, admin, mend },
    ]) => html`<tr id="${code}"><th scope="row"><code>${code}</code></th><td>${status}</td><td>${admin} ${mend}</td></tr>
`,
  );
  return section(
    'errors',
    'Errors',
    html`<p>Errors come as <code>application/problem+json</code> with <code>status</code>, <code>code</code>, <code>message</code> and <code>findings</code>. The same codes stand in sign-ins’ failures and in the audit log.</p>
${table('Errors', ['Code', 'Status', 'Cause and mend'], rows)}`,
  );
}

function findingsView(): Html {
  const rows = Object.entries(findingCodes).map(
    ([
      code,
      { severity, summary },
    ]) => html`<tr><th scope="row"><code>${code}</code></th><td>${severity}</td><td>${summary}</td></tr>
`,
  );
  return section(
    'findings',
    'Findings',
    html`<p>What checking a flow may find. Errors stop publishing. Each finding has its place in the script or in the flow, and most a mend.</p>
${table('Findings', ['Code', 'Severity', 'Meaning'], rows)}`,
  );
}
