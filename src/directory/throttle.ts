/** Counts of wrong answers, by what is attacked (`password:ann`) and by who asks (`ip:203.0.113.7`). */
export interface ThrottleStore {
  /** How many within the window that is open at `now`, and when the newest was; zeros when none is open. */
  find(key: string, now: number): Promise<{ count: number; lastAt: number }>;
  /** Counts one more; a window that was quiet for `windowMs` starts anew at 1. Returns the new count. */
  add(key: string, now: number, windowMs: number): Promise<number>;
  clear(key: string): Promise<void>;
  /** Removes counts whose window has closed, oldest first; returns how many. */
  deleteExpired(now: number, limit: number): Promise<number>;
}
