/**
 * What every sign-in to an application must fulfil, whatever its script does. It is read when a sign-in ends, and not kept
 * with the flow.
 */
export type SignInRule =
  /** Proofs of two kinds (something known, something held, a mailbox), or a connection's word that there were two. */
  | { kind: 'two-factors'; people: 'local' | 'all' }
  /** Members of the group, as an account or an identity provider has it, pass one of these authenticators. */
  | { kind: 'group-factor'; group: string; authenticators: string[] }
  /** Nobody proves who they are in another way; names of connections, and `LOCAL`. */
  | { kind: 'connections'; allowed: string[] };
