import type * as library from 'oidc-provider';
// @ts-expect-error the types are those of the package's entry file
import * as errorsFile from 'oidc-provider/lib/helpers/errors.js';
// @ts-expect-error as above
import * as interactionPolicyFile from 'oidc-provider/lib/helpers/interaction_policy/index.js';
// @ts-expect-error as above
import * as providerFile from 'oidc-provider/lib/provider.js';

/*
 * What oidc-provider exports, past its entry file. All that the entry file adds is a warning, printed at every start, when
 * the release of Node.js has no LTS name. Ours is newer than what the library asks for, pinned in package.json, and what
 * the tests run on; it only is not named so yet.
 */

export const Provider: typeof library.Provider = providerFile.Provider;
export type Provider = library.Provider;
export const errors: typeof library.errors = errorsFile;
export const interactionPolicy: typeof library.interactionPolicy = interactionPolicyFile;
