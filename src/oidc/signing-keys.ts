/** A key that signs id_tokens. Public halves of all stored keys are published; the newest active one signs. */
export interface SigningKey {
  kid: string;
  alg: 'ES256' | 'RS256';
  /** The private JWK as JSON, sealed at `signing_keys/<kid>`. */
  jwkSealed: string;
  createdAt: number;
  /** From then on it signs. */
  activeAt: number;
  /** From then on it is no longer published; null while in use. */
  retiredAt: number | null;
}

export interface SigningKeyStore {
  insert(key: SigningKey): Promise<void>;
  list(): Promise<SigningKey[]>;
  retire(kid: string, at: number): Promise<void>;
}
