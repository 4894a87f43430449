import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { hour } from '../../src/kernel/clock.ts';
import { sendEmail } from '../../src/script-api/functions/send-email.ts';
import { beginsSignIn, comesThroughGoogle, loginIdOf, readScriptLog, typesPassword } from './moves.ts';
import { passwordOrGoogle } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** Mails that scripts send: by the organisation's templates, and only to an address that is proven to be the person's. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const mailTemplates = [
  {
    name: 'new-device',
    version: 1,
    template: {
      subject: { en: 'A new device of {username}', de: 'Ein neues Gerät' },
      text: [{ en: 'Signed in to {application} from {place}.', de: 'Angemeldet bei {application} aus {place}.' }],
      link: { url: 'https://help.example.com/?from={place}', label: 'Not me' },
    },
  },
];

const sends = (call: string) => ({
  steps: [passwordOrGoogle],
  script: `function onLoginRequest(context) {
    executeStep(1, { onSuccess: function (context) { var user = context.currentKnownSubject; Log.info(${call}); } });
  }`,
  mailTemplates,
});

/** What the script got for an answer when `name`, who is new here, signed in by password. */
async function signsIn(name: string, call: string, more: Partial<User> = {}): Promise<string[]> {
  await world.addUser(name, { email: `${name}@example.com`, ...more });
  return signsInAgain(name, call);
}

async function signsInAgain(name: string, call: string): Promise<string[]> {
  await world.publish(sends(call));
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await typesPassword(person, name);
  return readScriptLog(world, id);
}

/** The mail with Ann's code, by this template. */
async function mailsCode(name: string, template: string, where = (given: string) => `local: { EmailOTP: ${given} }`) {
  await world.publish({
    steps: [passwordOrGoogle, { options: [{ authenticator: 'email-otp-authenticator' }] }],
    script: `function onLoginRequest(context) { executeStep(1); executeStep(2, {
      authenticatorParams: { ${where(`{ notificationTemplate: ${template} }`)} }
    }, {}); }`,
    mailTemplates: [
      { name: 'own-code', version: 1, template: { subject: 'For {application}, not {code}', text: ['Yours: {code}'] } },
      { name: 'no-place', version: 1, template: { subject: 'A code', text: ['For {lifetime}.'] } },
    ],
  });
  await world.addUser(name, { email: `${name}@example.com` });
  const person = await beginsSignIn(world);
  await typesPassword(person, name);
  return person;
}

const mailTo = (name: string) => world.mails.waitFor(({ to }) => to.includes(`${name}@example.com`), 5000);
const mailsTo = (name: string) => world.mails.mails({ to: `${name}@example.com` });

describe('sendEmail', () => {
  it('sends what the template says to the verified address', async () => {
    expect(await signsIn('ann', "sendEmail(user, 'new-device', { place: 'Ulm' })")).toEqual(['info 2: true']);
    const mail = await mailTo('ann');
    expect(mail).toMatchObject({ to: ['ann@example.com'], subject: 'A new device of ann – Stepgate' });
    expect(mail.text).toContain('Signed in to Payroll from Ulm.');
    expect(mail.text).toContain('https://help.example.com/?from=Ulm');
  });

  it('sends one mail for one call, however often the script is played again', async () => {
    await world.publish({
      ...sends(''),
      script: `function onLoginRequest(context) {
        executeStep(1, { onSuccess: function (context) {
          sendEmail(context.currentKnownSubject, 'new-device');
          prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, {});
          prompt('genericForm', { inputs: [{ id: 'b', label: 'B' }] }, {});
        } });
      }`,
    });
    await world.addUser('bea', { email: 'bea@example.com' });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'bea');
    await person.submits({ a: '1' });
    await world.restart();
    await person.submits({ b: '2' });
    expect(person.isAt()).toBe('Signed in');
    await mailTo('bea');
    expect(mailsTo('bea')).toHaveLength(1);
  });

  it('takes placeholders for text', async () => {
    const place = `<img src=x>&"\\r\\nBcc: all@example.com {application} \\u202E`;
    const username = 'x\\r\\nBcc: eve@example.com';
    await signsIn('cleo', `sendEmail(user, 'new-device', { place: '${place}', username: '${username}' })`);
    const mail = await mailTo('cleo');
    expect(mail.to).toEqual(['cleo@example.com']);
    expect(mail.subject).toBe('A new device of x Bcc: eve@example.com – Stepgate');
    expect(mail.text).toContain('from <img src=x>&" Bcc: all@example.com {application}.');
    expect(mail.text).toContain('?from=%3Cimg%20src%3Dx%3E%26%22%20Bcc%3A%20all%40example.com%20%7Bapplication%7D');
  });

  it('writes in the receiver’s own language', async () => {
    const attributes = [
      { uri: claims.email, value: 'gerd@example.com', origin: 'admin' as const },
      { uri: claims.locale, value: 'de-AT', origin: 'admin' as const },
    ];
    await signsIn('gerd', "sendEmail(user, 'new-device', { place: 'Graz' })", { attributes });
    expect(await mailTo('gerd')).toMatchObject({ subject: 'Ein neues Gerät – Stepgate' });
  });

  it('sends nothing to an address that is not proven, nor to one that the script gives', async () => {
    expect(await signsIn('bob', "sendEmail(user, 'new-device')", { verified: [] })).toEqual(['info 2: false']);
    const moves = `(user.localClaims.emailaddress = 'eve@example.com', sendEmail(user, 'new-device', {}))`;
    expect(await signsIn('cem', moves)).toEqual(['info 2: false']);
    expect(await world.app.database.read.outbox.findNextDue()).toBeNull();
    for (const name of ['bob', 'cem', 'eve']) expect(mailsTo(name)).toEqual([]);
  });

  it('reaches people of an identity provider once they have an account', async () => {
    await world.publish(sends("sendEmail(user, 'UnseenDeviceLogin')"));
    for (const answer of ['info 2: false', 'info 2: true']) {
      const person = await beginsSignIn(world);
      const id = loginIdOf(person);
      await comesThroughGoogle(person);
      expect(person.isAt()).toBe('Signed in');
      expect(await readScriptLog(world, id)).toEqual([answer]);
    }
    expect((await mailTo('grace.hopper')).text).toMatch(/device that we have not seen before. Time: .* GMT/);
    expect(mailsTo('grace.hopper')).toHaveLength(1);
  });

  it('ends a sign-in whose template does not exist, and sends nothing', async () => {
    expect(await signsIn('finn', "sendEmail(user, 'new-' + 'devices', {})")).toEqual([]);
    expect(await world.lastEvent('login.failed')).toMatchObject({
      code: 'SCRIPT_ERROR',
      details: { detail: expect.stringContaining('sendEmail: there is no mail template «new-devices».') },
    });
    expect(mailsTo('finn')).toEqual([]);
  });

  it('does not flood anybody', async () => {
    const many = `(function () {
      for (var i = 0, sent = 0; i < 30; i++) if (sendEmail(user, 'new-device')) sent++;
      return sent;
    })()`;
    expect(await signsIn('dora', many)).toEqual([`info 2: ${sendEmail.limits.mails.value}`]);
    world.clock.skip(2 * hour);
    expect(await signsInAgain('dora', "sendEmail(user, 'new-device')")).toEqual(['info 2: true']);
  });
});

describe('The mail with a code', () => {
  it.each([
    ['otto', "'own-code'", 'For Payroll, not {code} – Stepgate', /Yours: \u2068?(\d{8})/],
    ['oda', "'no-place'", 'A code – Stepgate', /For 10 minutes\.\s+(\d{8})/],
    ['olaf', "'EmailOTP'", 'Your sign-in code – Stepgate', /^\s*(\d{8})\s*$/m],
  ])('of %s is made of %s', async (name, template, subject, code) => {
    const person = await mailsCode(name, template);
    const mail = await mailTo(name);
    expect(mail.subject).toBe(subject);
    await person.submits({ code: code.exec(mail.text)?.[1] ?? '' });
    expect(person.isAt()).toBe('Signed in');
  });

  it.each([
    ['olga', 'for its authenticator', (given: string) => `local: { EmailOTP: ${given} }`],
    ['oona', 'for all', (given: string) => `common: ${given}`],
  ])('of %s is not sent by a template %s that does not exist', async (name, _for, where) => {
    await mailsCode(name, "'no-' + 'such'", where);
    expect(await world.lastEvent('login.failed')).toMatchObject({
      code: 'SCRIPT_ERROR',
      details: { detail: expect.stringContaining('executeStep: there is no mail template «no-such».') },
    });
    expect(mailsTo(name)).toEqual([]);
  });
});
