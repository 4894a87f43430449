/** A reference as people read it out: any case, without the hyphen, with letters that look like digits (Crockford's base32). */
export function normaliseReference(typed: string): string {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return letters.length === 10 ? `${letters.slice(0, 5)}-${letters.slice(5)}` : letters;
}
