/** A claim goes by its URI or by its plain name: `givenname` is `http://wso2.org/claims/givenname`. */
function claimUri(name: string): string {
  return indexOf(name, ':') < 0 ? 'http://wso2.org/claims/' + name : name;
}

const reservedClaims: Bare = createObject(null);
for (const name of ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'acr', 'amr', 'auth_time', 'sid']) {
  reservedClaims[claimUri(name)] = true;
}

const people: { [ref: string]: object } = createObject(null);
const refs = new RealWeakMap<object, unknown>();
/** By person, claims for this sign-in alone: JSON text. */
const loginClaims: { [ref: string]: { [uri: string]: string } } = createObject(null);

/** The one object for a person; `null` for nobody. */
function person(ref: unknown): object | null {
  if (typeof ref !== 'string') return null;
  const known = people[ref];
  if (known) return known;

  const written: Bare = createObject(null);
  const writtenRemote: Bare = createObject(null);
  let loaded: Bare = createObject(null);
  let loadedIn = -1;
  const load = (): Bare => {
    if (loadedIn !== turn) {
      const answer = strip(ask('user.load', bareList(ref))) as Bare;
      const remote = answer['remoteClaims'] as Bare | null;
      if (remote) {
        const names = ownKeys(writtenRemote);
        for (let i = 0; i < names.length; i++) remote[names[i]!] = writtenRemote[names[i]!];
      }
      loaded = answer;
      loadedIn = turn;
    }
    return loaded;
  };

  const user = {};
  people[ref] = user;
  setInto(refs, user, ref);
  const seeField = (name: string) => note('field', bareList<unknown>(ref, name));
  const field = (name: string) => {
    if (hasOwn(written, name)) return written[name];
    const value = load()[name];
    seeField(name);
    return value;
  };
  const writable = (name: string) =>
    property(
      user,
      name,
      () => field(name),
      (value) => (written[name] = textFor(name, value)),
    );
  property(user, 'identifier', () => field('identifier'));
  property(user, 'uniqueId', () => field('uniqueId'));
  writable('username');
  writable('userStoreDomain');
  property(user, 'tenantDomain', () => load()['tenantDomain']);
  property(user, 'roles', () => freshList(field('roles')));

  const writeLocal = (uri: string, text: string | null) => {
    const claims = load()['localClaims'] as Bare;
    ask('user.write', bareList<unknown>(ref, uri, text));
    if (text === null) delete claims[uri];
    else claims[uri] = text;
  };
  const localClaims = mapProxy(
    () => load()['localClaims'] as Bare,
    (uri, value) => writeLocal(uri, value === null || value === undefined ? null : textFor(uri, value)),
    (uri) => writeLocal(uri, null),
    claimUri,
    (uri) => note('claim', bareList<unknown>(ref, uri)),
  );
  const remoteClaims = mapProxy(
    () => load()['remoteClaims'] as Bare,
    (name, value) => {
      writtenRemote[name] = textFor(name, value);
      (load()['remoteClaims'] as Bare)[name] = writtenRemote[name];
    },
    null,
    undefined,
    (name) => note('remote claim', bareList<unknown>(ref, name)),
  );
  const own: { [uri: string]: string } = createObject(null);
  loginClaims[ref] = own;
  const claims = mapProxy(
    () => {
      const copy: Bare = createObject(null);
      const uris = ownKeys(own);
      for (let i = 0; i < uris.length; i++) copy[uris[i]!] = parseJson(own[uris[i]!]!);
      return copy;
    },
    (uri, value) => {
      if (reservedClaims[claimUri(uri)])
        throw new RealTypeError(`The claim ${uri} belongs to the server and cannot be set by a script.`);
      if (typeof value === 'function' || value instanceof RealPromise) {
        throw new RealTypeError(`The claim ${uri} must be a value that JSON can hold, and ${kindOf(value)} was given.`);
      }
      own[uri] = pack(value);
    },
    (uri) => {
      delete own[uri];
    },
  );
  property(user, 'localClaims', () => localClaims);
  property(user, 'remoteClaims', () => (load()['remoteClaims'] ? remoteClaims : null));
  property(user, 'claims', () => claims);
  return user;
}

/** A list of the script's own kind, to keep or change as it likes. */
function freshList(list: unknown): unknown {
  return parseJson(pack(list));
}
