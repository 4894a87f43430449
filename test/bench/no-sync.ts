import SQLite from 'better-sqlite3';

/* Loaded before a server, it lets commits return before they are on disk: to measure what waiting for the disk costs. */

const pragma = SQLite.prototype.pragma;
SQLite.prototype.pragma = function pragmaWithoutSync(this: SQLite.Database, source: string, options) {
  return pragma.call(this, source.replace('synchronous = FULL', 'synchronous = NORMAL'), options);
};
