import { directions, type Language } from '../kernel/languages.ts';
import { durationText } from './durations.ts';
import { type Hole, type Html, html } from './html.ts';
import { cleanName, fillHtml, fillText, fillUrl, placesOf, withoutDirections } from './names.ts';
import { texts } from './texts/index.ts';

/** A mail's content, in plain text and in HTML alike. The subject is one line. */
export interface MailContent {
  subject: string;
  text: string;
  html: string;
}

interface MailBase {
  language: Language;
  /** The name of the organisation that runs the server. */
  brand: string;
}

/** The organisation's own words: texts with places such as `{name}`. */
export interface MailWords {
  subject: string;
  paragraphs: readonly string[];
  /** Places of the URL are filled percent-encoded. */
  link: { url: string; label: string } | null;
}

/** The mail with a code to pass the step of a sign-in. */
export function writeCodeMail({
  application,
  code,
  lifetime,
  words = null,
  ...base
}: MailBase & {
  /** The application's name, when it is known. */
  application: string | null;
  code: string;
  /** How long the code works, in seconds. */
  lifetime: number;
  /** In place of ours; the code stands below them where they have no place for it. */
  words?: MailWords | null;
}): MailContent {
  if (words) return writeOwnCodeMail(base, words, { application: application ?? '', code, lifetime });
  const { mails } = texts[base.language];
  const lead: Line =
    application === null
      ? { text: mails.codeLeadUnknown, names: {} }
      : { text: mails.codeLead, names: { application } };
  return write(base, mails.codeSubject, [
    lead,
    { code },
    { text: mails.codeLifetime, names: { lifetime: durationText(base.language, lifetime) } },
    { text: mails.ignore, names: {} },
  ]);
}

function writeOwnCodeMail(
  base: MailBase,
  words: MailWords,
  { application, code, lifetime }: { application: string; code: string; lifetime: number },
): MailContent {
  const names = { application, lifetime: durationText(base.language, lifetime) };
  const hasPlace = words.paragraphs.some((text) => placesOf(text).includes('code'));
  const lines = writeWords(base.language, words, { ...names, code });
  // The code is for whoever opens the mail, and not for whoever sees its subject.
  return write(base, fillText(base.language, withoutDirections(words.subject), names), [
    ...lines,
    ...(hasPlace ? [] : [{ code }]),
  ]);
}

/** The mail with a link to choose a new password. */
export function writeResetMail({
  person,
  link,
  lifetime,
  ...base
}: MailBase & {
  /** The account's user name. */
  person: string;
  /** An absolute URL. */
  link: string;
  /** How long the link works, in seconds. */
  lifetime: number;
}): MailContent {
  const { mails } = texts[base.language];
  return write(base, mails.resetSubject, [
    { text: mails.resetLead, names: { person } },
    { link, label: mails.resetButton },
    { text: mails.resetLifetime, names: { lifetime: durationText(base.language, lifetime) } },
    { text: mails.resetIgnore, names: {} },
  ]);
}

/** The mail that tells of a new factor, to the address that was verified before it. */
export function writeFactorAddedMail({
  person,
  factor,
  at,
  ...base
}: MailBase & {
  /** The account's user name. */
  person: string;
  factor: 'totp' | 'email-otp';
  /** When it was added, in milliseconds since the epoch. */
  at: number;
}): MailContent {
  const { mails } = texts[base.language];
  return write(base, mails.factorSubject, [
    { text: mails.factorLead, names: { person, time: timeText(base.language, at) } },
    { strong: factor === 'totp' ? mails.totp : mails.emailOtp },
    { text: mails.factorNotYou, names: {} },
  ]);
}

/** A mail of the organisation's own words. */
export function writeTemplateMail({
  language,
  brand,
  values,
  ...words
}: MailBase & MailWords & { values: Readonly<Record<string, string>> }): MailContent {
  const base = { language, brand };
  const title = fillText(base.language, withoutDirections(words.subject), values);
  return write(base, title, writeWords(base.language, words, values));
}

function writeWords(
  language: Language,
  { paragraphs, link }: MailWords,
  values: Readonly<Record<string, string>>,
): Line[] {
  const label = link && fillText(language, withoutDirections(link.label), values);
  return [
    ...paragraphs.map((text) => ({ text: withoutDirections(text), names: values })),
    ...(link && label !== null ? [{ link: fillUrl(link.url, values), label }] : []),
  ];
}

type Line =
  | { text: string; names: Readonly<Record<string, string>> }
  | { code: string }
  | { strong: string }
  | { link: string; label: string };

function write({ language, brand }: MailBase, title: string, lines: readonly Line[]): MailContent {
  const { mails } = texts[language];
  const sentBy = fillText(language, mails.sentBy, { brand });
  return {
    subject: `${title} – ${cleanName(brand)}`,
    text: [mails.greeting, ...lines.map((line) => lineText(language, line)), `-- \n${sentBy}`].join('\n\n') + '\n',
    html: String(frame(language, title, html`<p>${mails.greeting}</p>${lines.map(lineHtml)}`, sentBy)),
  };
}

function lineText(language: Language, line: Line): string {
  if ('code' in line) return `    ${line.code}`;
  if ('strong' in line) return `    ${line.strong}`;
  if ('link' in line) return line.link;
  return fillText(language, line.text, line.names);
}

function lineHtml(line: Line): Html {
  if ('code' in line) return html`<p style="${codeStyle}"><bdi dir="ltr">${line.code}</bdi></p>`;
  if ('strong' in line) return html`<p><strong>${line.strong}</strong></p>`;
  if ('link' in line) {
    return html`<p><a href="${line.link}" style="${buttonStyle}">${line.label}</a></p><p style="${linkStyle}"><bdi dir="ltr">${line.link}</bdi></p>`;
  }
  return html`<p>${fillHtml(line.text, line.names)}</p>`;
}

/** Styles stand in the elements, because mail programs drop style sheets. */
function frame(language: Language, title: string, body: Hole, foot: string): Html {
  const direction = directions[language];
  return html`<!doctype html>
<html lang="${language}" dir="${direction}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${title}</title></head>
<body style="margin:0;padding:24px 16px">
<div lang="${language}" dir="${direction}" style="${frameStyle}">${body}<p style="${footStyle}">${foot}</p></div>
</body>
</html>
`;
}

const frameStyle = 'max-width:520px;margin:0 auto;font:16px/1.5 system-ui,-apple-system,Segoe UI,sans-serif';
const codeStyle = 'font:700 30px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:6px;margin:24px 0';
const buttonStyle =
  'display:inline-block;padding:12px 20px;border-radius:10px;background:#2748b8;color:#ffffff;font-weight:600;text-decoration:none';
const linkStyle = 'font-size:14px;overflow-wrap:anywhere';
const footStyle = 'margin-top:32px;font-size:14px;opacity:.8';

/** In UTC, because we do not know where the reader is. */
function timeText(language: Language, at: number): string {
  const locale = { en: 'en-GB', de: 'de', ar: 'ar-u-nu-latn' }[language];
  const options = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const;
  return `${new Intl.DateTimeFormat(locale, options).format(at)} UTC`;
}
