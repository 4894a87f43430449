/**
 * All changes to the database go through units of work. A unit is atomic: it happens whole or not at all, and one unit's
 * failure never undoes its neighbour's. A unit in which a statement failed does not happen, even if its work caught the
 * error; refusals that a store names itself (USERNAME_TAKEN) may be caught, and the unit goes on.
 *
 * @typeParam Stores the stores that the caller needs; the database's own set has more of them.
 */
export interface UnitOfWork<Stores> {
  /**
   * Runs `work` in a unit and resolves with its result **after** it is on disk. Rejects with the error of `work`, in
   * which case nothing of it was kept. `work` must await nothing but the stores it is handed: no network, no timers, no
   * other unit; one that does is ended with an error that says so. Its stores cannot be used afterwards.
   *
   * @throws AppError STORAGE_UNAVAILABLE when it could not be put on disk.
   */
  <T>(work: (stores: Stores) => Promise<T>): Promise<T>;

  /**
   * The same in two halves, for whoever has more to do before the answer leaves the process: `value` resolves as soon as
   * the unit has run, `durable` when it is on disk. Nothing that depends on `value` may be told to anybody outside before
   * `durable` has resolved; if `durable` rejects, the unit did not happen. When `work` fails, both reject; whoever awaits
   * `durable` need not handle `value`.
   */
  early<T>(work: (stores: Stores) => Promise<T>): { value: Promise<T>; durable: Promise<void> };
}

/** What a database offers its users: committed state to read, and units to change it. */
export interface Database<Stores> {
  /** The stores on committed state. Writing through them is refused. */
  readonly read: Stores;
  readonly unit: UnitOfWork<Stores>;
}
