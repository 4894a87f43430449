import type { Application } from '../../src/applications/application.ts';
import { createDemoApplication, type DemoApplication } from '../../src/cli/demo/application.ts';
import type { Flow } from '../../src/login/flow.ts';
import { makeApplication, publishFlow } from './seed.ts';
import { missionScript, missionSteps, type World } from './world.ts';

/** Another application of the same server, with a sign-in flow of its own. */
export interface SecondApplication {
  application: DemoApplication;
  registered: Application;
  publish(flow: Partial<Flow>): Promise<void>;
  close(): Promise<void>;
}

export async function addSecondApplication(
  world: World,
  { name = 'Wiki', host = '127.0.0.3' }: { name?: string; host?: string } = {},
): Promise<SecondApplication> {
  const application = await createDemoApplication({ host, name });
  const clientSecret = 'the-second-application-s-own-secret';
  const registered = makeApplication({
    name,
    clientId: name.toLowerCase(),
    clientSecret,
    redirectUris: [application.callbackUrl],
    postLogoutRedirectUris: [application.signedOutUrl],
  });
  await world.app.database.unit(({ applications }) => applications.insert(registered));
  application.connect({ issuer: `${world.url}/oidc`, clientId: registered.clientId, clientSecret });
  return {
    application,
    registered,
    async publish(changes) {
      const flow: Flow = { steps: missionSteps, script: missionScript, scriptEnabled: true, ...changes };
      await world.app.database.unit((stores) => publishFlow(stores, registered.id, flow));
    },
    close: () => application.close(),
  };
}
