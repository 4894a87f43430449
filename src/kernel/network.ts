import ipaddr from 'ipaddr.js';

/**
 * The part of an address that one subscriber holds: an IPv4 address whole, of an IPv6 address the first 64 bits
 * (RFC 4291, section 2.5.4), an IPv4 address in IPv6 form (`::ffff:203.0.113.7`) as IPv4. What is no address is one
 * network of its own, so that nobody escapes being counted.
 */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString()}/64`).toString()}/64`;
}
