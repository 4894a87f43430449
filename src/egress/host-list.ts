/** Names of hosts, as an admin lists them: `api.example.com`, `*.example.com` (everything below it) and `*`. */
export interface HostList {
  /** @param hostname as `URL` has it: lower case, without a port */
  has(hostname: string): boolean;
}

export function createHostList(listed: readonly string[]): HostList {
  const names = new Set(listed.map((name) => name.toLowerCase()));
  return {
    has(hostname) {
      if (names.has(hostname) || names.has('*')) return true;
      const parts = hostname.split('.');
      return parts.some((_, i) => i > 0 && names.has(`*.${parts.slice(i).join('.')}`));
    },
  };
}
