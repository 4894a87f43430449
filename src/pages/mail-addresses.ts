/**
 * A mail address as its owner recognises it and nobody else learns it: `a•••@example.com`. The number of dots says nothing
 * about the length.
 */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1) return '•••';
  const [first = ''] = address;
  return `${first}•••${address.slice(at)}`;
}
