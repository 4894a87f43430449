import { workerData } from 'node:worker_threads';
import { openCopier } from './connection.ts';

const { source, target } = workerData as { source: string; target: string };

// One read transaction, so what it copies is the state of one moment; writers go on meanwhile.
const connection = openCopier(source);
connection.execute('VACUUM INTO ?', [target]);
connection.close();
