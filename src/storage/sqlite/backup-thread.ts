import { workerData } from 'node:worker_threads';
import { openPlain } from './connection.ts';

const { source, target } = workerData as { source: string; target: string };

// The copy is the state of one moment; writers go on meanwhile. SQLite wants a connection that may write, for the copy.
const connection = openPlain(source);
connection.execute('VACUUM INTO ?', [target]);
connection.close();
