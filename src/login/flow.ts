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
