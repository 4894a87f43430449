import { AppError } from '../kernel/errors.ts';
import { errors, Provider } from '../kernel/oidc-provider.ts';

/**
 * Lets a request go on working while its writes are on their way to the disk, and holds its answer back until they are
 * there. A request writes up to five times, one after the other; waiting once at the end made a sign-in a fifth faster on a
 * server with one person, and costs nothing on a busy one.
 */
export interface Durability {
  /** @returns the value of a unit of work at once inside a request to the provider, elsewhere when it is on disk. */
  keep<T>(unit: { value: Promise<T>; durable: Promise<void> }): Promise<T>;
  /** Holds the answer of the present request for this work too. */
  hold(work: Promise<unknown>): void;
  /** Resolves when all that the request wrote is on disk. @throws OIDCProviderError (503) when some of it is not. */
  settle(request: object): Promise<void>;
}

export function createDurability(): Durability {
  const pending = new WeakMap<object, Promise<unknown>[]>();
  return {
    async keep({ value, durable }) {
      const request = Provider.ctx;
      if (!request) {
        const [result] = await Promise.all([value, durable]);
        return result;
      }
      durable.catch(() => {}); // Told by settle; until then nobody listens.
      add(request, durable);
      return await value.catch(refuse);
    },
    hold(work) {
      const request = Provider.ctx;
      if (!request) throw new Error('there is no request to hold');
      work.catch(() => {});
      add(request, work);
    },
    async settle(request) {
      // One by one: work that is held may add to the list.
      for (const work of pending.get(request) ?? []) await work.catch(refuse);
    },
  };

  function add(request: object, work: Promise<unknown>): void {
    const list = pending.get(request);
    if (list) list.push(work);
    else pending.set(request, [work]);
  }
}

/** The provider answers a failure by its own kind of error; one that is not ours passes as it is. */
function refuse(failure: unknown): never {
  if (!(failure instanceof AppError)) throw failure;
  throw Object.assign(new errors.OIDCProviderError(503, 'temporarily_unavailable', { cause: failure }), {
    allow_redirect: false,
  });
}
