import type { Language } from '../kernel/languages.ts';
import type { PageContext } from './context.ts';

/** Where the files in `public/` are served. */
export const assetsPath = '/assets';

/** The context of a page at `path` (with its query, if it has one) that has neither form nor application yet. */
export function basicContext(language: Language, path: string): PageContext {
  return {
    language,
    brand: 'Stepgate',
    application: null,
    person: null,
    action: path,
    csrf: '',
    errors: [],
    values: {},
    languageUrl: (other) => withLanguage(path, other),
    assets: assetsPath,
  };
}

function withLanguage(path: string, language: Language): string {
  const [before = '', query = ''] = path.split('?', 2);
  const params = new URLSearchParams(query);
  params.set('ui_locales', language);
  return `${before}?${params}`;
}
