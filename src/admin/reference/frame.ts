import { type Html, html } from '../../pages/html.ts';

/** What the pages of the reference have around them. */
export function frame({ title, other, nav, main }: { title: string; other: Html; nav: Html; main: Html }): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} – Stepgate</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/api/docs/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/api/docs/reference.css">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="top"><a class="brand" href="/api/docs"><img src="/api/docs/logo.svg" alt="" width="28" height="28">Stepgate</a>
${other}</header>
<div class="columns">
<nav aria-label="Contents">
<ul>
${nav}</ul>
</nav>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${main}
</main>
</div>
</body>
</html>
`;
}

/** A table that may be wider than the page. */
export function table(label: string, columns: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="scroll" role="group" aria-label="${label}" tabindex="0"><table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

export function section(id: string, title: string, content: Html): Html {
  return html`<section class="group" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}
