import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { OAuth2Connection, TokenSharing } from '../../src/connections/connection.ts';
import { openUpstream } from '../../src/sessions/upstream.ts';
import { createOAuth2Provider, type OAuth2Provider } from '../federation/oauth2-provider.ts';
import { changeConnection, connectGitHub } from './connections.ts';
import { addSecondApplication, type SecondApplication } from './second-application.ts';
import { passwordOrGoogle } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** An application that wants the identity provider's access token, to ask it something itself. */

let world: World;
let github: OAuth2Provider;
let wiki: SecondApplication;
let connection: OAuth2Connection;
beforeAll(async () => {
  world = await startWorld();
  github = await createOAuth2Provider('127.0.0.3');
  connection = await connectGitHub(world, github);
  const steps = [{ options: [...passwordOrGoogle.options, { idp: 'GitHub' }] }];
  await world.publish({ steps, script: null, scriptEnabled: false });
  wiki = await addSecondApplication(world, { host: '127.0.0.4' });
  await wiki.publish({ steps, script: null, scriptEnabled: false });
});
afterAll(() => Promise.all([world?.close(), github?.close(), wiki?.close()]));
beforeEach(async () => {
  await setSharing({ applications: ['payroll'], scopes: ['repo', 'gist'] });
  await world.happened();
});

const nobody: TokenSharing = { applications: [], scopes: [] };

async function setSharing(sharesTokens: TokenSharing): Promise<void> {
  await world.changeConnection((now) => ({ ...now, sharesTokens }));
  await changeConnection(world, connection, (now) => ({ ...now, sharesTokens }));
}

const asking = { share_federated_token: 'true' };

interface Client {
  client_id: string;
  redirect_uri: string;
  secret: string | null;
}

const payroll = (): Client => ({
  client_id: 'payroll',
  redirect_uri: world.application.callbackUrl,
  secret: 'the-application-s-own-secret',
});
const wikiClient = (): Client => ({
  client_id: 'wiki',
  redirect_uri: wiki.application.callbackUrl,
  secret: 'the-second-application-s-own-secret',
});

/** A whole sign-in by hand. @returns the application's request for tokens, with the code unless told otherwise */
async function signsIn(
  idp: 'Google' | 'GitHub',
  parameters: Record<string, string> = asking,
  { person = world.somebody(), client = payroll() }: { person?: Person; client?: Client } = {},
) {
  const verifier = randomBytes(32).toString('base64url');
  const { secret, ...named } = client;
  const query = new URLSearchParams({
    ...named,
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  });
  await person.opens(`${world.url}/oidc/authorize?${query}`);
  if (person.canChoose(idp)) await person.chooses(idp);
  if (person.canChoose('Grace Hopper')) await person.chooses('Grace Hopper');
  const code = new URL(person.page().url).searchParams.get('code') ?? '';
  return async (grant: Record<string, string> = { grant_type: 'authorization_code', code }) => {
    const answer = await fetch(`${world.url}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...named,
        ...(secret === null ? {} : { client_secret: secret }),
        code_verifier: verifier,
        ...grant,
      }),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
}

describe('the provider’s access token', () => {
  it.each(['Google', 'GitHub'] as const)('of %s comes beside ours, once, and works there', async (idp) => {
    const redeem = await signsIn(idp);
    const { federated_tokens: tokens, refresh_token: refreshToken } = await redeem();
    expect(tokens).toEqual([
      {
        idp,
        tokenValidityPeriod: idp === 'Google' ? 600 : null,
        scope: expect.any(String),
        accessToken: expect.any(String),
      },
    ]);
    const url = idp === 'Google' ? `${world.identityProvider.url}/userinfo` : `${github.url}/user`;
    const [{ accessToken }] = tokens as [{ accessToken: string }];
    expect((await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } })).status).toBe(200);
    expect(await redeem({ grant_type: 'refresh_token', refresh_token: String(refreshToken) })).not.toHaveProperty(
      'federated_tokens',
    );
    expect(await world.happened()).toMatchObject({ 'federated-token.shared': 1 });
    const [login] = await world.app.database.read.logins.list({ after: null, limit: 1 });
    const kept = await world.app.database.read.upstreamSessions.listByLogin(login!.id);
    expect(kept.map((session) => openUpstream(world.box, session).token)).toEqual([null]);
    expect(await world.lastEvent('federated-token.shared')).toMatchObject({
      details: { connection: idp, application: 'payroll' },
    });
  });

  it('is asked for with the scopes that the application names for this connection', async () => {
    const calendar = { ...asking, federated_token_scope: 'GitHub;repo gist' };
    const person = world.somebody();
    const query = { client_id: 'payroll', redirect_uri: world.application.callbackUrl, ...calendar };
    await person.opens(
      `${world.url}/oidc/authorize?${new URLSearchParams({ ...query, response_type: 'code', scope: 'openid', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' })}`,
    );
    await person.chooses('GitHub');
    expect(github.lastScope()).toBe('read:user user:email repo gist');
  });

  it('is not asked for with scopes that are for another connection, or for nobody', async () => {
    for (const asked of [
      { ...asking, federated_token_scope: 'Google;repo' },
      { federated_token_scope: 'GitHub;repo' },
    ]) {
      await signsIn('GitHub', asked);
      expect(github.lastScope()).toBe('read:user user:email');
    }
  });

  it.each<[string, () => Promise<Record<string, unknown>>]>([
    ['did not ask', async () => (await signsIn('GitHub', {}))()],
    ['asked otherwise', async () => (await signsIn('GitHub', { share_federated_token: 'yes' }))()],
    [
      'asked where the connection gives none',
      async () => {
        await setSharing(nobody);
        return (await signsIn('GitHub'))();
      },
    ],
    [
      'asked, and the admin took it back meanwhile',
      async () => {
        const redeem = await signsIn('GitHub');
        await setSharing(nobody);
        return redeem();
      },
    ],
    [
      'asked, and the connection was disabled meanwhile',
      async () => {
        const redeem = await signsIn('GitHub');
        await changeConnection(world, connection, (now) => ({ ...now, enabled: false }));
        const answer = await redeem();
        await changeConnection(world, connection, (now) => ({ ...now, enabled: true }));
        return answer;
      },
    ],
  ])('is given to nobody who %s', async (_who, redeem) => {
    const answer = await redeem();
    expect(answer).toHaveProperty('access_token');
    expect(answer).not.toHaveProperty('federated_tokens');
    expect(await world.happened()).not.toHaveProperty('federated-token.shared');
  });

  it('is not asked for with scopes that the connection does not allow', async () => {
    await signsIn('GitHub', { ...asking, federated_token_scope: 'GitHub;repo admin:org delete_repo' });
    expect(github.lastScope()).toBe('read:user user:email repo');
  });

  it('is for the application that the connection names: another one gets neither token nor scopes, and an event tells', async () => {
    const asked = { ...asking, federated_token_scope: 'GitHub;repo' };
    const answer = await (await signsIn('GitHub', asked, { client: wikiClient() }))();
    expect(answer).toHaveProperty('access_token');
    expect(answer).not.toHaveProperty('federated_tokens');
    expect(github.lastScope()).toBe('read:user user:email');
    const happened = await world.happened();
    expect(happened).toMatchObject({ 'federated-token.refused': 1 });
    expect(happened).not.toHaveProperty('federated-token.shared');
    expect(await world.lastEvent('federated-token.refused')).toMatchObject({
      target: connection.id,
      details: { connection: 'GitHub', application: 'wiki' },
    });
  });

  it.each([
    ['not named', ['payroll']],
    ['named', ['payroll', 'wiki']],
  ])('of one application’s sign-in never goes to another one in the same session, %s', async (_how, applications) => {
    await setSharing({ applications, scopes: [] });
    const person = world.somebody();
    const payrollRedeems = await signsIn('GitHub', asking, { person });
    const departures = github.lastScope();
    const wikiRedeems = await signsIn('GitHub', asking, { person, client: wikiClient() });
    expect(github.lastScope()).toBe(departures);
    const answer = await wikiRedeems();
    expect(answer).toHaveProperty('access_token');
    expect(answer).not.toHaveProperty('federated_tokens');
    expect(await payrollRedeems()).toHaveProperty('federated_tokens');
  });

  it('is refused to a public client even where it is named', async () => {
    const change = (clientType: 'public' | 'confidential', clientSecretHash: string | null) =>
      world.app.database.unit(async ({ applications }) => {
        const now = (await applications.findById(wiki.registered.id))!;
        await applications.update({ ...now, clientType, clientSecretHash });
      });
    await setSharing({ applications: ['wiki'], scopes: ['repo'] });
    await change('public', null);
    const asked = { ...asking, federated_token_scope: 'GitHub;repo' };
    const redeem = await signsIn('GitHub', asked, { client: { ...wikiClient(), secret: null } });
    const answer = await redeem();
    await change('confidential', wiki.registered.clientSecretHash);
    expect(answer).toHaveProperty('access_token');
    expect(answer).not.toHaveProperty('federated_tokens');
    expect(github.lastScope()).toBe('read:user user:email');
    expect(await world.happened()).toMatchObject({ 'federated-token.refused': 1 });
  });
});
