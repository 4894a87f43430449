import { describeAuthenticators } from '../authenticators/definitions.ts';
import { writeTypings } from '../script-api/typings.ts';
import { listOffered } from '../validator/offered.ts';
import { offlineKnowledge, readSteps } from './flow-file.ts';
import { type Command, UsageError } from './terminal.ts';

export const typesCommand: Command = {
  name: 'types',
  summary: 'prints the typings that an editor checks scripts with',
  options: { flow: { type: 'string' } },
  help: `Usage: stepgate types [--flow FLOW.json]

Prints TypeScript declarations (.d.ts) of everything that a sign-in script may say. Names of connections and roles are any
text: only a server knows them, and gives its own typings at /api/v1/applications/:id/script-typings.

  --flow FLOW.json   the steps that the script is for, {"steps": [{"options": [{"authenticator": "totp"}]}]};
                     without it: a password, then TOTP or Email OTP

  stepgate types --flow scripts/mfa-for-local-users/cases.json > stepgate.d.ts
`,
  async run({ values, files, terminal }) {
    if (files.length > 0) throw new UsageError('types takes no file.');
    const steps = listOffered(readSteps(values['flow'] as string | undefined), offlineKnowledge).map((options) => ({
      options: options.map(({ idp, authenticator }) => ({ idp, authenticator })),
    }));
    const unknown = {
      connections: null,
      roles: null,
      applicationRoles: null,
      groups: null,
      libraries: null,
      secrets: null,
    };
    terminal.print(writeTypings({ steps, authenticators: describeAuthenticators(), ...unknown }));
    return 0;
  },
};
