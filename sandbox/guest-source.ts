import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

let source: string | undefined;

/**
 * The guest's program as one JavaScript function `(host, realm, settings) => { begin, runTurn, hear, collect, addLibrary, takeReaders, tellVariables }`, made once from
 * the files in `guest/`, in this order.
 */
export function guestSource(): string {
  source ??= `(function (host, realm, settings) { 'use strict';\n${[
    'pin',
    'door',
    'libraries',
    'watch',
    'objects',
    'people',
    'headers',
    'verbs',
    'inspect',
  ]
    .map((name) => stripTypeScriptTypes(readFileSync(new URL(`./guest/${name}.ts`, import.meta.url), 'utf8')))
    .join('\n')}\nreturn { begin, runTurn, hear, collect, addLibrary, takeReaders, tellVariables }; })`;
  return source;
}
