import { basicContext } from '../pages/basic-context.ts';
import type { PageContext } from '../pages/context.ts';
import { personSentence } from '../pages/errors.ts';
import { renderForgot } from '../pages/views/forgot.ts';
import { renderForgotSent } from '../pages/views/forgot-sent.ts';
import { renderReset } from '../pages/views/reset.ts';
import { renderResetDone } from '../pages/views/reset-done.ts';
import { renderResetInvalid } from '../pages/views/reset-invalid.ts';
import type { RecoveryPage, RecoveryPages } from './pages.ts';

/** The pages of a forgotten password, as people see them. */
export const recoveryPages: RecoveryPages = {
  forgot: (page, model) => String(renderForgot(contextOf(page), model)),
  forgotSent: (page, model) => String(renderForgotSent(contextOf(page), model)),
  reset: (page, model) => String(renderReset(contextOf(page), model)),
  resetDone: (page, model) => String(renderResetDone(contextOf(page), model)),
  resetInvalid: (page, model) => String(renderResetInvalid(contextOf(page), model)),
};

function contextOf({ language, action, csrf, problems, values, languageUrl }: RecoveryPage): PageContext {
  return {
    ...basicContext(language, action),
    csrf,
    values,
    languageUrl,
    errors: problems.map(({ code, field, params }) => {
      const text = personSentence(language, code, params);
      return field === undefined ? { text } : { field, text };
    }),
  };
}
