import { type Html, html } from '../../pages/html.ts';
import type { ScriptReference } from '../../script-api/reference.ts';
import { frame, section, table } from './frame.ts';
import { withCode } from './operation-view.ts';

type ReferenceFunction = ScriptReference['functions'][number];

/** The reference of sign-in scripts: one page without scripts, made from the definitions. */
export function scriptPage(reference: ScriptReference): Html {
  const groups = [...Map.groupBy(reference.functions, ({ group }) => group)];
  const nav = html`${groups.map(
    ([group, functions]) => html`<li><a href="#${anchor(group)}">${title(group)}</a>
<ul>${functions.map(({ name }) => html`<li><a href="#${name}"><code>${name}</code></a></li>`)}</ul></li>
`,
  )}<li><a href="#objects">Objects</a>
<ul>${reference.objects.map(({ name }) => html`<li><a href="#${name}"><code>${name}</code></a></li>`)}</ul></li>
<li><a href="#authenticators">Authenticators</a></li>
<li><a href="#outcomes">Outcomes</a></li>
<li><a href="#verdicts">Verdicts</a></li>
<li><a href="#limits">Limits</a></li>
`;
  const main = html`<p class="lead">A sign-in is decided by the function <code>onLoginRequest(context)</code> of the application’s script. It runs to its end before any step runs; callbacks run when their step or call has an outcome. All state survives between them.</p>
${groups.map(([group, functions]) => section(anchor(group), title(group), html`${functions.map(functionView)}`))}
${section('objects', 'Objects', html`${reference.objects.map(objectView)}`)}
${section('authenticators', 'Authenticators', authenticatorsView(reference))}
${section('outcomes', 'Outcomes', outcomesView(reference))}
${section('verdicts', 'Verdicts', verdictsView(reference))}
${section('limits', 'Limits', limitsView(reference))}`;
  const other = html`<a href="/api/docs">Admin API</a>`;
  return frame({ title: 'Sign-in scripts', other, nav, main });
}

const anchor = (group: string) => `functions-${group.toLowerCase().replaceAll(' ', '-')}`;
const title = (group: string) => `${group[0]!.toUpperCase()}${group.slice(1)}`;

function functionView(fn: ReferenceFunction): Html {
  const {
    name,
    summary,
    deprecated,
    aliases,
    parameters,
    tenantInFront,
    handlers,
    limits,
    ownLimits,
    dryRun,
    result,
    example,
  } = fn;
  const rows = parameters.map(
    (
      parameter,
    ) => html`<tr><th scope="row"><code>${parameter.name}</code>${parameter.optional ? '' : html` <span class="required">required</span>`}</th><td class="type">${parameter.type}</td><td>${withCode(parameter.summary)}${parameter.most !== null && ` At most ${parameter.most} names.`}</td></tr>
`,
  );
  return html`<section class="operation" id="${name}" aria-labelledby="${name}-title">
<h3 id="${name}-title"><code>${describeCall(fn)}</code></h3>
<p>${withCode(summary)}</p>
${deprecated !== null && html`<p><strong>Deprecated.</strong> ${withCode(deprecated)}</p>`}
${aliases.length > 0 && html`<p class="quiet">Also: ${aliases.map((alias, i) => html`${i > 0 && ', '}<code>${alias}</code>`)}.</p>`}
${tenantInFront && html`<p class="quiet">The tenant may stand in front of the others, by its name.</p>`}
${rows.length > 0 && table(`Parameters of ${name}`, ['Parameter', 'Type', 'Meaning'], rows)}
<p>Gives <code>${result.type}</code>: ${withCode(result.summary)}${handlers ? html` Callbacks: ${describeHandlers(handlers.names)}.` : ''}</p>
<p class="quiet">Counts against ${limits.map((limit, i) => html`${i > 0 && (i < limits.length - 1 ? ', ' : ' and ')}<a href="#limits"><code>${limit}</code></a>`)}.</p>
${ownLimits.length > 0 && table(`Limits of ${name}`, ['Limit', 'Value', 'What it limits'], limitRows(ownLimits))}
<p class="quiet">In a dry run: ${withCode(dryRun.summary)}</p>
<pre tabindex="0" aria-label="${name}, an example"><code>${example}</code></pre>
</section>
`;
}

/** `executeStep(step[, options][, callbacks])` */
function describeCall({ name, parameters, handlers }: ReferenceFunction): string {
  const parts = parameters.map((parameter) => ({ text: parameter.name, optional: parameter.optional }));
  if (handlers) parts.push({ text: 'callbacks', optional: handlers.given !== 'always' });
  const text = parts.map(({ text, optional }, i) => {
    const separated = i === 0 ? text : `, ${text}`;
    return optional ? `[${separated}]` : separated;
  });
  return `${name}(${text.join('')})`;
}

function describeHandlers(names: readonly string[] | 'any'): Html {
  if (names === 'any') return html`<code>on…</code> of any action`;
  return html`${names.map((name, i) => html`${i > 0 && ', '}<code>${name}</code>`)}`;
}

function objectView({ name, expression, summary, members }: ScriptReference['objects'][number]): Html {
  const rows = members.map(
    (
      member,
    ) => html`<tr><th scope="row"><code>${member.name}</code></th><td class="type">${member.typescript}</td><td>${member.access}</td><td>${withCode(member.summary)}</td></tr>
`,
  );
  return html`<section class="operation" id="${name}" aria-labelledby="${name}-title">
<h3 id="${name}-title">${name}: <code>${expression}</code></h3>
<p>${withCode(summary)}</p>
${table(`Members of ${name}`, ['Member', 'Type', 'Access', 'Meaning'], rows)}
</section>
`;
}

function authenticatorsView({ authenticators }: ScriptReference): Html {
  const rows = authenticators.flatMap(({ name, aliases, label, available, parameters }) =>
    parameters.map(
      (
        parameter,
        i,
      ) => html`<tr>${i === 0 && html`<th scope="row" rowspan="${parameters.length}"><code>${name}</code> ${label}${aliases.length > 0 && html` (also ${aliases.join(', ')})`}${!available && ', not in this version'}</th>`}<td class="name"><code>${parameter.name}</code></td><td>${withCode(parameter.summary)}</td></tr>
`,
    ),
  );
  return html`<p>What a script may set in <code>authenticatorParams</code>. Numbers and booleans may be written as text or as themselves.</p>
${table('Authenticators', ['Authenticator', 'Parameter', 'Meaning'], rows)}`;
}

function outcomesView({ outcomes }: ScriptReference): Html {
  const rows = outcomes.map(
    ({
      outcome,
      handlers,
      unanswered,
    }) => html`<tr><th scope="row"><code>${outcome}</code></th><td>${describeHandlers(handlers)}</td><td>${unanswered === 'fail' ? 'The sign-in fails.' : 'It goes on.'}</td></tr>
`,
  );
  return html`<p>What a step or a call may answer, and which callback takes it: the first of these that the script gives.</p>
${table('Outcomes', ['Outcome', 'Callbacks', 'Without one'], rows)}`;
}

function verdictsView({ verdicts }: ScriptReference): Html {
  const rows = verdicts.map(
    ({ rule, summary }) => html`<tr><th scope="row"><code>${rule}</code></th><td>${withCode(summary)}</td></tr>
`,
  );
  return html`<p>When a sign-in ends. A script holds callbacks only: the server decides.</p>
${table('Verdicts', ['Rule', 'When'], rows)}`;
}

function limitsView({ limits }: ScriptReference): Html {
  return table('Limits', ['Limit', 'Value', 'What it limits'], limitRows(limits));
}

function limitRows(limits: readonly { name: string; value: number; unit: string; summary: string }[]): Html[] {
  return limits.map(
    ({
      name,
      value,
      unit,
      summary,
    }) => html`<tr><th scope="row"><code>${name}</code></th><td>${value.toLocaleString('en')} ${unit}</td><td>${withCode(summary)}</td></tr>
`,
  );
}
