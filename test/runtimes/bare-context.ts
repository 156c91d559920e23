/** A JavaScript context with what the Web platform brings, and nothing that is Node's. */

import { createContext, runInContext } from 'node:vm';

const webNames = [
  'AbortController',
  'AbortSignal',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'clearTimeout',
  'crypto',
  'fetch',
  'setTimeout',
] as const;

/**
 * Runs a script with globals of the Web platform alone, and gives back its global object. A name of
 * Node's (`process`, `Buffer`, `require`) is a ReferenceError there.
 */
export function runBare(script: string): Record<string, unknown> {
  const globals = Object.fromEntries(webNames.map((name) => [name, globalThis[name]]));
  const context = createContext(globals, { codeGeneration: { strings: false, wasm: false } });
  runInContext(script, context);
  return globals;
}
