import { setTimeout as wait } from 'node:timers/promises';
import { type AuthenticatorApp, createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import type { CaughtMail, MailCatcher } from '../../src/cli/demo/mail-catcher.ts';
import { createPerson, type Hop, type Person } from '../../src/cli/demo/person.ts';
import type { PatientApplication } from './application.ts';
import type { Evidence, Kind } from './evidence.ts';
import { password } from './world.ts';

/** Somebody with what they need to sign in, kept from one sign-in to the next. */
export interface Signer {
  kind: Kind;
  /** User name here, or the provider's name for them. */
  who: string;
  /** How they are shown at the provider. */
  shownAs: string;
  /** Of the connection; null for a local person. */
  connection: string | null;
  email: string;
  password: string;
  app: AuthenticatorApp | null;
  /** A code that was taken before: must not be taken again. */
  usedCode: string | null;
  /** Asks for a second mail, and tries the code of the first. */
  asksAgain: boolean;
}

/** Somebody who has not signed in yet, with the password that all of them have. */
export function makeSigner(kind: Kind, of: Partial<Signer> & { who: string }): Signer {
  return {
    kind,
    shownAs: `Person ${of.who}`,
    connection: null,
    email: `${of.who}@example.com`,
    password,
    app: null,
    usedCode: null,
    asksAgain: false,
    ...of,
  };
}

export interface Scene {
  application: PatientApplication;
  mails: MailCatcher;
  identityProviderUrl: string;
  evidence: Evidence;
  untilReady(): Promise<void>;
  /** After each answer that a browser got, before its next request. */
  afterHop?(hop: Hop): Promise<void>;
  /** Addresses of their own keep people from waiting for each other's wrong answers. */
  nextAddress(): string;
}

/** One walk through the pages, as one browser sees it. */
interface Walk {
  person: Person;
  signer: Signer;
  scene: Scene;
  key: string | null;
  code: string | null;
  triedUsed: boolean;
  /** Mailed codes that were refused, and those that came before the second mail was asked for. */
  refused: Set<string>;
  before: Set<string> | null;
}

const mostPages = 60;
const mailPatience = 120_000;

/** Signs in, whatever happens to the server, and begins again where a page leads nowhere. */
export async function signIn(scene: Scene, signer: Signer): Promise<void> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const reason = await tryOnce(scene, signer).catch((error: Error) => {
      scene.evidence.faults.push(`${signer.who}: ${error.message}`);
      return null;
    });
    if (reason === null) return;
    const { begunAgain } = scene.evidence;
    begunAgain.set(reason, (begunAgain.get(reason) ?? 0) + 1);
  }
  scene.evidence.faults.push(`${signer.who} could not sign in`);
}

/** @returns null when the application has tokens, else why this sign-in cannot go on. */
async function tryOnce(scene: Scene, signer: Signer): Promise<string | null> {
  const { application, evidence, untilReady } = scene;
  const person = createPerson({
    name: signer.who,
    headers: { 'x-forwarded-for': scene.nextAddress() },
    onNoAnswer: untilReady,
    ...(scene.afterHop ? { onHop: scene.afterHop } : {}),
  });
  const walk: Walk = {
    person,
    signer,
    scene,
    key: null,
    code: null,
    triedUsed: false,
    refused: new Set(),
    before: null,
  };
  const { url, pending } = await application.begin();
  await person.opens(url);
  let loginId = '';
  for (let pages = 0; pages < mostPages; pages++) {
    const page = person.page();
    loginId = /\/login\/(login_[\w-]+)/.exec(page.url)?.[1] ?? loginId;
    if (isBack(walk)) {
      noteEnrolment(walk);
      const tokens = await application.redeem(page.url, pending);
      if (!tokens) return 'the code had been redeemed when the answer was lost';
      const appCode = signer.kind === 'totp' ? `${signer.who} ${walk.code}` : null;
      if (walk.code !== null) signer.usedCode = walk.code;
      evidence.signIns.push({ kind: signer.kind, who: signer.who, loginId, tokens, appCode });
      return null;
    }
    const dead = await takeStep(walk);
    if (dead !== null) {
      noteEnrolment(walk);
      return dead;
    }
  }
  return 'it took too many pages';
}

/** Does what the page asks for. @returns null, or why nothing can be done. */
async function takeStep(walk: Walk): Promise<string | null> {
  const { person, signer, scene } = walk;
  const page = person.page();
  const has = (field: string) => page.forms.some(({ fields }) => fields.some(({ name }) => name === field));

  if (page.status === 503) {
    await wait(50);
    await person.opens(page.url);
  } else if (page.url.startsWith(scene.identityProviderUrl)) {
    if (!person.canChoose(signer.shownAs)) return `identity provider: ${page.text.slice(0, 120)}`;
    await person.chooses(signer.shownAs);
  } else if (page.links.some(({ text }) => text === 'Continue')) {
    await person.follows('Continue');
  } else if (signer.connection !== null) {
    if (!person.canChoose(signer.connection)) return deadEnd(walk);
    await person.chooses(signer.connection);
  } else if (has('password')) {
    await person.submits({ username: signer.who, password: signer.password });
  } else if (has('code')) {
    await (signer.kind === 'totp' ? giveAppCode(walk) : giveMailedCode(walk));
  } else if (person.canChoose(optionOf(signer))) {
    await person.chooses(optionOf(signer));
  } else return deadEnd(walk);
  return null;
}

function optionOf({ kind }: Signer): string {
  return kind === 'totp' ? 'totp' : 'email-otp-authenticator';
}

function deadEnd({ person }: Walk): string {
  const { status, heading, title, text, codes } = person.page();
  return `${status} «${heading || title}» ${codes.at(-1) ?? text.slice(0, 160)}`;
}

// ---- codes of an app -------------------------------------------------------------------------------------------------

async function giveAppCode(walk: Walk): Promise<void> {
  const { person, signer, scene } = walk;
  const page = person.page();
  const [shown] = page.codes.map((text) => text.replace(/\s/g, '')).filter((text) => /^[A-Z2-7]{32}$/.test(text));
  if (shown !== undefined) {
    if (scene.evidence.enrolled.has(signer.who))
      scene.evidence.faults.push(`${signer.who} was told that the app is set up, and is to set it up again`);
    // The page may come again with the same key: an app made anew would forget which of its codes it has shown.
    if (signer.app === null || walk.key !== shown) signer.app = createAuthenticatorApp(shown, Date);
    walk.key = shown;
  } else noteEnrolment(walk);
  if (signer.usedCode !== null && !walk.triedUsed) {
    walk.triedUsed = true;
    scene.evidence.usedCodesTried += 1;
    await submitCode(walk, signer.usedCode);
    if (isBack(walk)) scene.evidence.faults.push(`the code ${signer.usedCode} of ${signer.who} was taken twice`);
    return;
  }
  if (!signer.app) throw new Error(`${signer.who} is asked for a code and has no app`);
  // A code whose answer was lost is typed again: where it was taken, the sign-in has gone on.
  walk.code ??= await nextCode(signer.app);
  if ((await submitCode(walk, walk.code)) && !isBack(walk) && person.page().status < 400) walk.code = null;
}

/** @returns was there an answer? Without one the page in front of the person was loaded again. */
async function submitCode({ person }: Walk, code: string): Promise<boolean> {
  const posts = () => person.hops().filter(({ method }) => method === 'POST').length;
  const before = posts();
  await person.submits({ code });
  return posts() > before;
}

function isBack({ person, scene }: Walk): boolean {
  return person.page().url.startsWith(scene.application.callbackUrl);
}

async function nextCode(app: AuthenticatorApp): Promise<string> {
  for (;;) {
    try {
      return app.nextCode();
    } catch {
      await wait(500);
    }
  }
}

/** The page that showed the key is passed: the person was told that the app is set up. */
function noteEnrolment(walk: Walk): void {
  if (walk.key === null) return;
  walk.scene.evidence.enrolled.set(walk.signer.who, walk.key);
  walk.key = null;
}

// ---- mailed codes ----------------------------------------------------------------------------------------------------

async function giveMailedCode(walk: Walk): Promise<void> {
  const { person, signer, scene, refused } = walk;
  const { evidence, mails } = scene;
  if (walk.code === null) {
    // The page says that a mail was sent: it must come, whatever happens to the server.
    const isNew = (mail: CaughtMail) => {
      const code = readCode(mail);
      return mail.to.includes(signer.email) && code !== null && !refused.has(code) && !walk.before?.has(code);
    };
    const mail = await mails.waitFor(isNew, mailPatience).catch(() => null);
    if (!mail) {
      evidence.faults.push(`${signer.who} was told of a mail that never came`);
      await person.chooses('cancel');
      return;
    }
    walk.code = readCode(mail);
  }
  const code = walk.code ?? '';
  if (signer.asksAgain && walk.before === null) {
    const came = mails.mails({ to: signer.email }).flatMap((mail) => readCode(mail) ?? []);
    const asked = person.hops().length;
    await person.chooses('resend');
    // Unanswered, it may have been done or not: it is asked for again, until the page has said so.
    if (
      !person
        .hops()
        .slice(asked)
        .some(({ method }) => method === 'POST')
    )
      return;
    walk.before = new Set(came);
    walk.code = null;
    await submitCode(walk, code);
    if (isBack(walk)) evidence.faults.push(`an older mailed code of ${signer.who} was taken`);
    return;
  }
  if ((await submitCode(walk, code)) && !isBack(walk) && person.page().status < 500) {
    refused.add(code);
    walk.code = null;
  }
}

function readCode({ text }: CaughtMail): string | null {
  return /\b\d{8}\b/.exec(text)?.[0] ?? null;
}
