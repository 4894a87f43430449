import type { Fake } from './definition.ts';
import type { Secrets, Sessions } from './world.ts';

/*
 * Parts of the world that a scenario has no place for. A dry run makes them up, and what its functions say of them is
 * marked. They agree with each other: who has no sessions is within every limit but none.
 */

/** Of sessions: those that a script could end or count are elsewhere. */
export const noSessions = {
  summary: 'nobody is signed in anywhere but here, and a session that is to end was there',
  /**
   * @param checkPerson throws ScriptCallError for somebody who is not of this sign-in
   * @param passed has this sign-in passed the step?
   */
  make({
    steps,
    checkPerson,
    passed,
  }: {
    steps: number;
    checkPerson: (ref: string) => void;
    passed: (step: number) => boolean;
  }): Sessions {
    return {
      async list(ref) {
        checkPerson(ref);
        return [];
      },
      async countOthers(ref) {
        checkPerson(ref);
        return 0;
      },
      async end(ref) {
        checkPerson(ref);
        return true;
      },
      applications: async () => [],
      satisfies: async (step) => passed(step),
      steps,
    };
  },
} satisfies Fake & { make: unknown };

/** Of secrets: whoever may try a script out learns nothing of their values. */
export const secretsWithoutValue = {
  summary: 'a secret stands for no value, and no text is equal to it',
  /** @param exists without it there is a secret of every name */
  make({ exists }: { exists: ((name: string) => Promise<boolean>) | undefined }): Secrets {
    return {
      find: async (name) => ((await exists?.(name)) === false ? null : `secret~${name}~0~made-up~`),
      compare: async () => false,
    };
  },
} satisfies Fake & { make: unknown };
