import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { endSessionOfBrowser } from '../sessions/end.ts';
import type { OidcStores } from './stores.ts';

/**
 * Before a finished login goes back to its application: when the browser still holds the session of another person, that
 * one is signed out. (The library would do it too, by a page that only moves on with JavaScript.)
 */
export async function signOutAnother(
  { provider, database, clock }: { provider: Provider; database: Database<OidcStores>; clock: Clock },
  request: IncomingMessage,
  response: ServerResponse,
  interactionUid: string,
): Promise<void> {
  const context = provider.createContext(request, response);
  if (context.cookies.get(provider.cookieName('resume')) !== interactionUid) return;
  const session = await provider.Session.get(context);
  if (session.accountId === undefined) return;
  const interaction = await provider.Interaction.find(interactionUid);
  const subject = interaction?.result?.login?.accountId;
  if (!interaction || subject === undefined || subject === session.accountId) return;
  const end = { actor: 'person', reason: 'another person', at: clock.now() } as const;
  await database.unit((stores) => endSessionOfBrowser(stores, session.uid, end));
  delete interaction.session;
  await interaction.persist();
}
