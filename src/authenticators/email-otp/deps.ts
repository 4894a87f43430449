import type { Throttling } from '../../directory/throttling.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { Language } from '../../kernel/languages.ts';
import type { MailTexts, MailWords } from '../../mail/mail.ts';
import type { MailSender } from '../../mail/sender.ts';

export interface EmailOtpDeps {
  box: CryptoBox;
  throttling: Throttling;
  mail: Pick<MailSender, 'putIntoOutbox'>;
  /** @param of `lifetime`: how long the code works, in seconds. */
  writeCodeMail(of: {
    language: Language;
    application: string;
    code: string;
    lifetime: number;
    words: MailWords | null;
  }): MailTexts;
  /** An address as its owner recognises it and nobody else learns it. */
  maskAddress(address: string): string;
}
