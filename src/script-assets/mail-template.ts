import { type Static, Type } from 'typebox';
import { closed, Wording } from './wording.ts';

/*
 * A mail template says what a mail has, and our own mail says it: it holds texts, and no markup or code. A text may have
 * places such as `{name}`, which the script's placeholders fill.
 */

export const MailTemplate = Type.Object(
  {
    subject: Wording,
    text: Type.Array(Wording, { minItems: 1, maxItems: 20, description: 'Paragraphs.' }),
    link: Type.Optional(
      Type.Object(
        {
          url: Type.String({
            maxLength: 2000,
            description:
              'An absolute URL (https or http). Places may stand behind the host; what fills them is percent-encoded.',
          }),
          label: Wording,
        },
        { ...closed, description: 'A button below the text.' },
      ),
    ),
  },
  { ...closed, title: 'MailTemplate' },
);
export type MailTemplate = Static<typeof MailTemplate>;

/** A template as it was when the flow was published. */
export interface PinnedMailTemplate {
  name: string;
  version: number;
  template: MailTemplate;
}

/** The mails that every server has, by the name that scripts know them by. */
export const builtInMails: ReadonlyMap<string, MailTemplate> = new Map([
  [
    'UnseenDeviceLogin',
    {
      subject: {
        en: 'Sign-in from a new device',
        de: 'Anmeldung von einem neuen Gerät',
        ar: 'تسجيل دخول من جهاز جديد',
      },
      text: [
        {
          en: 'Your account {username} was signed in to {application} on a device that we have not seen before. Time: {login-time}',
          de: 'Mit Ihrem Konto {username} hat sich jemand bei {application} angemeldet, auf einem Gerät, das wir noch nicht kennen. Zeit: {login-time}',
          ar: 'تم تسجيل الدخول إلى {application} بحسابك {username} من جهاز لم نره من قبل. الوقت: {login-time}',
        },
        {
          en: 'If this was you, there is nothing to do. If not, change your password and tell your administrator.',
          de: 'Waren Sie das, ist nichts zu tun. Wenn nicht, ändern Sie Ihr Passwort und sagen Sie Ihrem Administrator Bescheid.',
          ar: 'إذا كنت أنت من فعل ذلك فلا داعي لأي إجراء. وإلا فغيّر كلمة المرور وأبلغ المسؤول.',
        },
      ],
    },
  ],
]);

/** The name by which scripts know the mail with a code that every server writes itself. */
export const usualCodeMail = 'EmailOTP';

/** What the schema cannot say: places with a sentence each. @returns `path` as a JSON pointer */
export function findMailFaults({ link }: MailTemplate): { path: string; message: string }[] {
  if (!link || (/^https?:\/\/[^/?#{}@\\]+(?:[/?#]|$)/i.test(link.url) && URL.canParse(link.url))) return [];
  return [
    { path: '/link/url', message: 'The link must be an absolute https or http URL, without places in its host.' },
  ];
}
