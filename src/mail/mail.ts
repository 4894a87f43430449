/** What a mail says, in both of its forms. */
export interface MailTexts {
  subject: string;
  text: string;
  html: string;
}

export interface Mail extends MailTexts {
  /** One plain address: `isMailAddress`. */
  to: string;
  /** Milliseconds since the epoch. The mail is dropped if it could not be sent until then. */
  expiresAt: number;
}
