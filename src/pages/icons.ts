import { html } from './html.ts';

/** Small pictures beside the choices; they say nothing that the words do not. */
export const icons = {
  password: html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="8" cy="12" r="4"/><path d="M12 12h9v3.5M17 12v2.5"/></svg>`,
  totp: html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><rect x="6.5" y="3" width="11" height="18" rx="2.5"/><path d="M10 9.5h4M10 13h4M11.5 17.5h1"/></svg>`,
  'email-otp': html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><rect x="3" y="5.5" width="18" height="13" rx="2.5"/><path d="m4 7.5 8 5.5 8-5.5"/></svg>`,
  identifier: html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="8.5" r="4"/><path d="M4.5 20a7.5 7.5 0 0 1 15 0"/></svg>`,
  connection: html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M10 5H6.5a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2H10M13.5 8.5 17 12l-3.5 3.5M17 12H9"/></svg>`,
};
