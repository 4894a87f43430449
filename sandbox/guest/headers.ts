/** Response headers are few, plain, and none of the server's own. The host looks at them once more. */
function checkHeader(name: string, text: string): void {
  const { own, also, reserved, reservedPrefixes, most, longest } = config.scriptHeaders;
  const key = lowerCase(name);
  let mine = slice(key, 0, own.length) === own && key.length > own.length;
  for (let i = 0; i < also.length; i++) if (also[i] === key) mine = true;
  for (let i = 0; i < reserved.length; i++) if (reserved[i] === key) mine = false;
  for (let i = 0; i < reservedPrefixes.length; i++) {
    if (slice(key, 0, reservedPrefixes[i]!.length) === reservedPrefixes[i]) mine = false;
  }
  if (key === 'set-cookie') throw new RealTypeError('The header Set-Cookie is set by setCookie alone.');
  if (!mine)
    throw new RealTypeError(`The header ${name} belongs to the server; a script may set names that begin with X-.`);
  if (!isPlain(key, true) || !isPlain(text, false) || name.length + text.length > longest) {
    throw new RealTypeError(
      `The header ${slice(name, 0, 100)} cannot be sent: it must be one line of ASCII, at most ${longest} characters.`,
    );
  }
  if (ownKeys(responseHeaders.data).length >= most && !hasOwn(responseHeaders.data, name)) {
    throw new RealTypeError(`A script may set ${most} response headers.`);
  }
}
/** Is every character visible ASCII, or in a value a space? A name has letters, digits and dashes alone. */
function isPlain(text: string, isName: boolean): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = charCodeAt(text, i);
    const letter = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45;
    if (isName ? !letter : code < 32 || code > 126) return false;
  }
  return true;
}
