import { claims } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import { findVerifiedAddress } from '../directory/verified-address.ts';
import { day } from '../kernel/clock.ts';
import { findLanguage, type Language, languageCookie, pickLanguage } from '../kernel/languages.ts';
import type { Mail, MailTexts, MailWords } from '../mail/mail.ts';
import type { MailSender } from '../mail/sender.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { Mails, People } from '../script-api/world.ts';
import { assetKey } from '../script-assets/asset.ts';
import { builtInMails, type MailTemplate, usualCodeMail } from '../script-assets/mail-template.ts';
import { wordingIn } from '../script-assets/wording.ts';
import type { Facts } from './facts.ts';
import { findAccountByRef } from './find-account.ts';
import type { PublishedFlow } from './flow.ts';
import { addParameters, noParameters, readStepCall } from './options.ts';
import type { LiveWorld } from './world.ts';

/** What mails of scripts go through. */
export interface ScriptMailDeps {
  mail: Pick<MailSender, 'putIntoOutbox'>;
  writeTemplateMail(of: MailWords & { language: Language; values: Readonly<Record<string, string>> }): MailTexts;
}

/** The words for the mail with a step's code; null for ours. @throws ScriptCallError as readMailTemplate */
export function readCodeMail(
  flow: Pick<PublishedFlow, 'mailTemplates'>,
  language: Language,
  name: string | undefined,
): MailWords | null {
  if (!name || name === usualCodeMail) return null;
  return wordsIn(language, readMailTemplate(flow, name, 'executeStep'));
}

/**
 * Is there every mail template that a step is to mail its code by?
 * @throws ScriptCallError
 */
export function checkCodeMails({ args }: { args: string }, flow: Pick<PublishedFlow, 'mailTemplates'>): void {
  const { common, local } = addParameters(noParameters, readStepCall(args).given);
  for (const { notificationTemplate } of [common, ...local.map(([, texts]) => texts)])
    readCodeMail(flow, 'en', notificationTemplate);
}

/**
 * The template of a call.
 * @throws ScriptCallError when there is none
 */
export function readMailTemplate(
  { mailTemplates = [] }: Pick<PublishedFlow, 'mailTemplates'>,
  name: string,
  fn = 'sendEmail',
): MailTemplate {
  const template =
    mailTemplates.find((each) => assetKey(each.name) === assetKey(name))?.template ?? builtInMails.get(name);
  if (!template) throw new ScriptCallError(`${fn}: there is no mail template «${name.slice(0, 100)}».`);
  return template;
}

/**
 * Mails of a login's script. Each is put into the outbox in the unit of its journal entry: there is one mail for one call,
 * however often the login is played, and the outbox sends it at least once.
 */
export function createMails(
  { stores, facts, flow, mails, throttling, now }: LiveWorld,
  people: Pick<People, 'get'>,
): Mails {
  return {
    async send(ref, name, placeholders) {
      const template = readMailTemplate(flow, name);
      const { username } = await people.get(ref);
      const user = await findAccountByRef(stores, facts, ref);
      const to = user && findVerifiedAddress(user);
      if (!user || to === null) return false;
      const attempt = { kind: 'script-mails', subject: user.id, ip: facts.start.request.ip } as const;
      if ((await throttling.findWait(stores.throttle, attempt, now)) > 0) return false;
      await throttling.count(stores.throttle, attempt, now);
      const language = languageOf(user, facts);
      const usual = {
        username,
        application: facts.start.serviceProviderName,
        'login-time': new Date(now).toUTCString(),
      };
      const values = { ...usual, ...placeholders };
      const texts = mails.writeTemplateMail({ language, values, ...wordsIn(language, template) });
      await mails.mail.putIntoOutbox(stores, { ...texts, to, expiresAt: now + day } satisfies Mail);
      return true;
    },
  };
}

function wordsIn(language: Language, { subject, text, link }: MailTemplate): MailWords {
  return {
    subject: wordingIn(language, subject),
    paragraphs: text.map((paragraph) => wordingIn(language, paragraph)),
    link: link ? { url: link.url, label: wordingIn(language, link.label) } : null,
  };
}

/** The receiver's own language, else that of the sign-in. */
function languageOf(user: User, { start: { asked } }: Facts): Language {
  const own = user.attributes.find(({ uri }) => uri === claims.locale)?.value;
  const uiLocales = asked.cookies[languageCookie] ?? asked.uiLocales.join(' ');
  return findLanguage(own ?? '') ?? pickLanguage({ uiLocales, acceptLanguage: asked.headers['accept-language'] });
}
