import type { KoaContextWithOIDC } from 'oidc-provider';
import { type LoginStarter, loginCookie } from '../login/handoff.ts';
import type { LoginRequest } from '../login/login.ts';
import { lifetimes } from './lifetimes.ts';
import { readLoginRequest } from './login-request.ts';
import { isDemanded } from './unmet-demand.ts';

type Interaction = InstanceType<KoaContextWithOIDC['oidc']['provider']['Interaction']>;

/** Where to send the browser when the provider needs the person: to the consent page, or into a new login. */
export function createInteractionUrl({
  logins,
}: {
  logins: LoginStarter;
}): (ctx: KoaContextWithOIDC, interaction: Interaction) => Promise<string> {
  return async (ctx, interaction) => {
    if (interaction.prompt.name === 'consent') return consentPath(interaction.uid);
    const clientId = ctx.oidc.client?.clientId ?? '';
    const request = readRequest(ctx, interaction.params);
    const begun = await logins
      .begin({ interactionUid: interaction.uid, clientId, request, browserUid: findBrowser(interaction) })
      .catch(async (failure: unknown) => {
        await interaction.destroy();
        throw failure;
      });
    const path = `/login/${begun.loginId}`;
    const maxAge = lifetimes.interaction * 1000;
    ctx.cookies.set(loginCookie, begun.browserSecret, { path, httpOnly: true, sameSite: 'lax', maxAge });
    return path;
  };
}

/** @param checked what the provider made of the parameters that it knows; the others are as they came. */
export function readRequest(ctx: KoaContextWithOIDC, checked: Record<string, unknown>): LoginRequest {
  const params = { ...onlyTexts(ctx.query), ...onlyTexts(checked) };
  return readLoginRequest({ ip: ctx.ip, headers: ctx.req.headers, params });
}

/** Whose session may stand in for steps: nobody's when the application demands somebody else, so that they can sign in. */
function findBrowser({ session, params }: Pick<Interaction, 'session' | 'params'>): string | null {
  if (!session?.uid || !session.accountId) return null;
  return isDemanded(params, session.accountId) ? session.uid : null;
}

export function consentPath(interactionUid: string): string {
  return `/consent/${interactionUid}`;
}

function onlyTexts(params: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
