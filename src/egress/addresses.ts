import ipaddr from 'ipaddr.js';

/** Addresses that look public but answer inside a cloud: Azure's platform service. */
const metadataAddresses = new Set(['168.63.129.16']);

/**
 * May anybody's server be expected behind this address? Only global unicast: not loopback, private, shared, link-local,
 * multicast, reserved or documentation ranges, and no IPv6 address that stands for an IPv4 one (mapped, compatible,
 * NAT64, 6to4, Teredo), since those lead back to all of the above. Anything that does not parse is not public.
 * Ranges: IANA special-purpose registries (RFC 6890); IPv6 global unicast is 2000::/3 (RFC 4291, section 2.4).
 */
export function isPublicAddress(text: string): boolean {
  const address = parse(text);
  if (address === null || address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv4') return !metadataAddresses.has(address.toString());
  return ((address as ipaddr.IPv6).parts[0]! & 0xe000) === 0x2000;
}

/** 127.0.0.0/8 and ::1, in no other spelling. */
export function isLoopbackAddress(text: string): boolean {
  return parse(text)?.range() === 'loopback';
}

/** A name or literal address, as URLs have it, that stands for this machine (RFC 6761, section 6.3). */
export function isLoopbackHost(hostname: string): boolean {
  return /(^|\.)localhost\.?$/.test(hostname) || isLoopbackAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
}

/** A scoped address (`fe80::1%eth0`) means another host on every interface: it is none. */
function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (text.includes('%')) return null;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null;
}
