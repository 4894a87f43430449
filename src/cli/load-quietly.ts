/**
 * Loads a module that imports oidc-provider, without the line that it prints on any Node.js whose build is not flagged as
 * long-term support. It works on ours (the tests run on it), and nobody who starts the server can do anything about it.
 */
export async function loadQuietly<T>(load: () => Promise<T>): Promise<T> {
  const { warn } = console;
  console.warn = (text: string) => (text.includes('Unsupported runtime') ? undefined : warn(text));
  try {
    return await load();
  } finally {
    console.warn = warn;
  }
}
