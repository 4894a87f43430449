import type { PinnedMailTemplate } from '../script-assets/mail-template.ts';
import type { PinnedTemplate } from '../script-assets/prompt-template.ts';

/** One way to pass a step: an authenticator of our own, or a connection to an identity provider (by its name). */
export type FlowOption = { authenticator: string } | { idp: string };

/** A step of a sign-in flow. Steps count from 1 in their order. */
export interface FlowStep {
  options: FlowOption[];
}

/** What decides a sign-in: the steps, and the script that says which of them to run. */
export interface Flow {
  steps: FlowStep[];
  script: string | null;
  /** Off: the steps run one after the other, as if there were no script. */
  scriptEnabled: boolean;
}

/** Does the script say anywhere that accounts are to be linked? */
export function linksAccounts({ script, scriptEnabled, libraries = [] }: PublishedFlow): boolean {
  const texts = scriptEnabled && script !== null ? [script, ...libraries.map(({ source }) => source)] : [];
  return texts.some((text) => text.includes('doAssociationWithLocalUser'));
}

/** A library as it was when the flow was published. */
export interface PinnedLibrary {
  name: string;
  version: number;
  source: string;
}

/** A flow with all that it was published with: whoever signs in by it sees this, whatever is changed later. */
export interface PublishedFlow extends Flow {
  libraries?: readonly PinnedLibrary[];
  promptTemplates?: readonly PinnedTemplate[];
  mailTemplates?: readonly PinnedMailTemplate[];
}
