import { sha256 } from '../../kernel/sha256.ts';
import type { Flow, FlowOption, FlowStep, PublishedFlow } from '../../login/flow.ts';
import type { SignInFlow } from '../schemas.ts';

/** A flow from a request's content. */
export function readFlow({ steps, script, scriptEnabled }: SignInFlow): Flow {
  const text = script || null;
  return { steps: readSteps(steps), script: text, scriptEnabled: scriptEnabled ?? text !== null };
}

export function readSteps(steps: SignInFlow['steps']): FlowStep[] {
  return steps.map(({ options }) => ({
    // The schema lets exactly one of the two through.
    options: options.map(
      ({ authenticator, idp }): FlowOption => (idp === undefined ? { authenticator: authenticator! } : { idp }),
    ),
  }));
}

/** A flow for the audit log: what it is made of; the script by its hash, since versions keep the text. */
export function describeFlow(flow: PublishedFlow | null): Record<string, unknown> | null {
  if (flow === null) return null;
  const { steps, script, scriptEnabled, libraries = [], promptTemplates = [], mailTemplates = [] } = flow;
  return {
    steps,
    scriptEnabled,
    script: script === null ? null : { sha256: sha256(script), characters: script.length },
    ...(libraries.length > 0 ? { libraries: listPinned(libraries) } : {}),
    ...(promptTemplates.length > 0 ? { promptTemplates: listPinned(promptTemplates) } : {}),
    ...(mailTemplates.length > 0 ? { mailTemplates: listPinned(mailTemplates) } : {}),
  };
}

/** What a flow was published with, without its content. */
export function listPinned(pinned: readonly { name: string; version: number }[]): { name: string; version: number }[] {
  return pinned.map(({ name, version }) => ({ name, version }));
}
