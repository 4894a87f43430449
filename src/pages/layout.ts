import { directions, languages } from '../kernel/languages.ts';
import type { PageContext } from './context.ts';
import { attributes, type Hole, type Html, html } from './html.ts';
import { cleanName, fillText, nameHtml } from './names.ts';
import { texts } from './texts/index.ts';

/**
 * A whole page: brand, errors, `body`, and the other languages at its foot.
 *
 * @param title names the page in the browser's tab; after an error it begins with that word.
 * @param body goes into `<main>` and brings the page's only `<h1>`.
 */
export function page(context: PageContext, title: string, body: Hole): Html {
  const { language, brand, assets, errors } = context;
  const { layout } = texts[language];
  return html`<!doctype html>
<html lang="${language}" dir="${directions[language]}">
<head>
<meta charset="utf-8">
<title>${errors.length > 0 && layout.errorPrefix}${title} – ${cleanName(brand)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="description" content="${fillText(language, layout.description, { brand })}">
<link rel="icon" href="${assets}/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assets}/tokens.css">
<link rel="stylesheet" href="${assets}/pages.css">
<link rel="stylesheet" href="${assets}/controls.css">
<script type="module" src="${assets}/enhance.js"></script>
</head>
<body>
<div class="panel">
<header class="brand"><img src="${assets}/logo.svg" alt="" width="32" height="32">${nameHtml(brand)}</header>
<main>
${errorSummary(context)}${body}
</main>
</div>
<footer>${languageLinks(context)}</footer>
</body>
</html>
`;
}

/** What went wrong, before anything else; each error about a field leads to it. */
function errorSummary({ language, errors }: PageContext): Hole {
  if (errors.length === 0) return null;
  const items = errors.map(
    ({ field, text, reference }) =>
      html`<li>${field === undefined ? text : html`<a href="#${field}">${text}</a>`}${reference && html` <span class="hint">${texts[language].error.reference}: <code dir="ltr">${reference}</code></span>`}</li>`,
  );
  return html`<div class="summary" role="alert" aria-labelledby="summary-title" tabindex="-1" autofocus>
<h2 id="summary-title">${texts[language].layout.problem}</h2>
<ul>${items}</ul>
</div>
`;
}

function languageLinks({ language, languageUrl }: PageContext): Html {
  const items = languages.map((each) => {
    const name = texts[each].layout.languageName;
    const written = { lang: each, dir: directions[each] };
    return each === language
      ? html`<li><span${attributes({ ...written, 'aria-current': 'true' })}>${name}</span></li>`
      : html`<li><a${attributes({ ...written, href: languageUrl(each), hreflang: each })}>${name}</a></li>`;
  });
  return html`<nav aria-label="${texts[language].layout.languages}"><ul class="languages">${items}</ul></nav>`;
}
