import { type Html, html } from '../../pages/html.ts';
import { listFields } from './fields.ts';
import type { Field, Operation, Parameter, Schema } from './model.ts';

/** One operation: what it does, what it takes, what it answers, and a call to copy. */
export function operationView(operation: Operation): Html {
  const { id, method, path, summary, description, parameters, content, answer } = operation;
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const takesTag = parameters.some((parameter) => parameter.name === 'if-match');
  return html`<section class="operation" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${summary}</h3>
<p class="route"><span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code></p>
${description && html`<p>${withCode(description)}</p>`}
${takesTag && html`<p class="quiet">Takes <code>If-Match</code>.</p>`}
${query.length > 0 && fieldTable('In the query', query.map(parameterField))}
${content && fieldTable('In the request', listFields(content))}
<pre tabindex="0" aria-label="${summary}, with curl"><code>${curlCall(operation)}</code></pre>
${answerView(answer)}
</section>
`;
}

function answerView({ status, schema }: Operation['answer']): Html {
  if (!schema) return html`<p class="quiet">Answers <code>${status}</code> without content.</p>`;
  const name = schema.title ?? 'an object';
  return html`<details>
<summary>Answers <code>${status}</code> with ${schema.title ? html`<code>${name}</code>` : name}</summary>
${fieldTable('In the answer', listFields(schema), false)}
</details>`;
}

function fieldTable(caption: string, fields: readonly Field[], requests = true): Html {
  const rows = fields.map(
    ({ path, type, required, description }) => html`<tr>
<th scope="row"><code>${breakable(path)}</code>${requests && required && html` <span class="required">required</span>`}</th>
<td class="type">${type}</td>
<td>${withCode(description)}</td>
</tr>
`,
  );
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

/** More letters than the column of names is wide. */
const longName = 24;

/** A long path may go on in the next line behind a dot, and a name that fills the line by itself before each word of it. */
function breakable(path: string): Html {
  const parts = path.split(/(?<=\.)/).flatMap((name) => (name.length > longName ? name.split(/(?=[A-Z])/) : name));
  return html`${parts.map((part, i) => html`${i > 0 && html`<wbr>`}${part}`)}`;
}

function parameterField({ name, required = false, description, schema }: Parameter): Field {
  const [field] = listFields({ properties: { [name]: schema } satisfies Record<string, Schema> });
  return { path: name, type: field?.type ?? 'text', required, description: description ?? field?.description ?? '' };
}

/** A call to copy into a shell, with names in place of ids. */
function curlCall({ method, path, example }: Operation): string {
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.replace(/([A-Z])/g, '_$1').toUpperCase()}`);
  const lines = ['curl -H "Authorization: Bearer $STEPGATE_ADMIN_TOKEN"'];
  if (method !== 'GET') lines.push(`-X ${method}`);
  if (example !== null) {
    lines.push("-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(example, null, 2))}`);
  }
  return [...lines, `"$STEPGATE${url}"`].join(' \\\n  ');
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Plain text in which `code` stands between back quotes. */
export function withCode(text: string): Html {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
