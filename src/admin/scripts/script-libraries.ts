import { Type } from 'typebox';
import { newId } from '../../kernel/ids.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Finding } from '../../validator/finding.ts';
import { hasErrors } from '../../validator/validate.ts';
import { validateLibrary } from '../../validator/validate-library.ts';
import { ContentError } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { readKnowledge } from '../knowledge.ts';
import type { AdminServer } from '../server.ts';
import { addAssetRoutes } from './asset-routes.ts';

const Source = Type.String({
  description:
    'A CommonJS module in JavaScript: it sets `exports` or `module.exports`. As long as STEPGATE_SCRIPT_BYTES allows (100 kB).',
});

/** `/script-libraries`: what sign-in scripts load by `require`. */
export function addScriptLibraries(server: AdminServer, deps: AdminDeps): void {
  const findOddities = async (source: string): Promise<Finding[]> =>
    validateLibrary(source, await readKnowledge(deps, deps.database.read, null));

  addAssetRoutes<string>(server, deps, {
    kind: 'script-library',
    one: 'script library',
    many: 'script libraries',
    newId: () => newId('lib'),
    field: 'source',
    schema: Source,
    toText: (source) => source,
    fromText: (text) => text,
    async check({ content: source }) {
      const findings = source === undefined ? [] : await findOddities(source);
      if (hasErrors(findings)) throw new ContentError(findings);
    },
    findOddities,
    describe: (source) => ({ sha256: sha256(source), characters: source.length }),
    descriptions: {
      create:
        'Scripts load it by `require(name)`. A source that cannot be parsed is refused. Sign-ins use it from the next publishing of their flow on.',
      change:
        'Another source is a new version. Flows that are published keep the version that they were published with.',
      delete: 'Flows that are published keep their version of it. One that requires it cannot be published any more.',
    },
    examples: { create: examples.newScriptLibrary, change: examples.scriptLibraryPatch },
  });
}
