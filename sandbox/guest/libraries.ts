/** CommonJS: a library's text is the body of a function of these three. */
type LibraryFunction = (exports: object, load: typeof requireLibrary, module: { exports: unknown }) => void;

const libraries: { [key: string]: LibraryFunction } = createObject(null);
/** What has been loaded, or is being loaded: of a cycle, whoever comes second sees what is exported by then. */
const modules: { [key: string]: { exports: unknown } } = createObject(null);

/** Takes in a library; its text runs when it is first required. */
function addLibrary(name: string, library: LibraryFunction): void {
  libraries[libraryKey(name)] = library;
}

/** A library goes by its name with and without `.js`. */
function libraryKey(name: string): string {
  return slice(name, -3) === '.js' ? slice(name, 0, -3) : name;
}

function requireLibrary(...given: unknown[]): unknown {
  const name = toText(checkCall('require', given)[0]);
  const shown = name.length > 100 ? slice(name, 0, 99) + '…' : name;
  const key = libraryKey(name.length > 100 ? shown : name);
  const known = modules[key];
  if (known) return known.exports;
  const library = libraries[key];
  if (!library) throw new RealError(`require: there is no script library «${shown}» with this version of the flow.`);
  const module = { exports: {} as unknown };
  modules[key] = module;
  try {
    apply(library, module.exports, bareList<unknown>(module.exports, requireLibrary, module));
  } catch (thrown) {
    // Not loaded: whoever requires it again sees it fail again.
    delete modules[key];
    throw thrown;
  }
  return module.exports;
}
