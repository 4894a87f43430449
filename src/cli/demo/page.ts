import { type Html, html } from '../../pages/html.ts';

/** Path under which each part of the demo serves `styleSheet`. */
export const stylePath = '/style.css';

/**
 * Headers of every page of the demo. `form-action` is left to the caller: browsers apply it to each redirect that follows
 * a form, and the identity provider's form ends at whichever application asked.
 */
export function pageHeaders(options: { formAction?: string } = {}): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  if (options.formAction !== undefined) policy.push(`form-action ${options.formAction}`);
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

/**
 * A whole page: `brand` is whose page it is, and each kind of part has a colour of its own; `title` names it in the
 * browser's tab.
 */
export function renderPage(page: {
  part: 'application' | 'identity-provider' | 'mails';
  brand: string;
  title: string;
  body: Html;
  wide?: boolean;
}): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · ${page.brand}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${stylePath}">
</head>
<body class="${page.part}">
<main${page.wide === true && html` class="wide"`}>
<p class="brand"><span class="mark" aria-hidden="true">${page.brand.slice(0, 1)}</span>${page.brand}</p>
${page.body}
</main>
</body>
</html>
`);
}

/** Names and values as a table: the claims of a token, for example. Values that are not text are shown as JSON. */
export function renderClaims(caption: string, claims: Record<string, unknown>): Html {
  return html`<table>
<caption>${caption}</caption>
<tbody>
${Object.entries(claims).map(
  ([name, value]) =>
    html`<tr><th scope="row">${name}</th><td>${typeof value === 'string' ? value : JSON.stringify(value)}</td></tr>\n`,
)}</tbody>
</table>`;
}
