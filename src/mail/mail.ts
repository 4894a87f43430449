/** What a mail says, in both of its forms. */
export interface MailTexts {
  subject: string;
  text: string;
  html: string;
}

/** The organisation's own words: texts with places such as `{name}`. */
export interface MailWords {
  subject: string;
  paragraphs: readonly string[];
  link: { url: string; label: string } | null;
}

export interface Mail extends MailTexts {
  /** One plain address: `isMailAddress`. */
  to: string;
  /** Milliseconds since the epoch. The mail is dropped if it could not be sent until then. */
  expiresAt: number;
}
