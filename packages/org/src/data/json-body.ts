/** The JSON body of a request, and Salesforce's complaints about it. */

import { RestError } from './rest-error.ts';
import { UnreadableValue } from './field-value.ts';

/** Salesforce takes a few megabytes at most; nothing here needs more. */
const maximumBytes = 6 * 1024 * 1024;

export interface JsonBody {
  text: string;
  value: unknown;
}

/**
 * Nothing when there is no body: whether one is needed, the endpoint knows.
 *
 * @throws RestError JSON_PARSER_ERROR; UNSUPPORTED_MEDIA_TYPE (415); 413
 */
export async function readJson(request: Request): Promise<JsonBody | undefined> {
  const text = await readText(request);
  if (text.trim() === '') return undefined;
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  const media = type.trim().toLowerCase();
  if (media !== '' && media !== 'application/json' && !media.startsWith('text/plain')) {
    throw new RestError(415, 'UNSUPPORTED_MEDIA_TYPE', `Content type '${media}' not supported.`);
  }
  requireShallow(text);
  return { text, value: parseJson(text) };
}

async function readText(request: Request): Promise<string> {
  const tooLarge = new RestError(413, 'REQUEST_TOO_LARGE', 'The request body is too large');
  if (Number(request.headers.get('content-length') ?? 0) > maximumBytes) throw tooLarge;
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > maximumBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function parserError(message: string): RestError {
  return new RestError(400, 'JSON_PARSER_ERROR', message);
}

/** No body of the REST API is nested deeper; recursion over one that is would end the stack. */
const deepestNesting = 100;

function requireShallow(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > deepestNesting) {
      throw parserError(`The body is nested deeper than ${deepestNesting} levels`);
    }
  }
}

/** @throws RestError JSON_PARSER_ERROR, with the place where the text stops being JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const told = /position (\d+)/.exec(message)?.[1];
    const token = /Unexpected token '?(.)'?/.exec(message)?.[1];
    const at = told === undefined ? text.indexOf(token ?? '\uFFFF') : Number(told);
    if (at === -1 || at >= text.length) {
      throw parserError(`Unexpected end-of-input ${place(text, text.length)}`);
    }
    const character = text.charAt(at);
    throw parserError(
      `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${expectation(message)} ${place(text, at)}`,
    );
  }
}

function expectation(message: string): string {
  if (message.includes('property name')) {
    return message.includes("':'")
      ? 'was expecting a colon to separate field name and value'
      : 'was expecting double-quote to start field name';
  }
  if (message.includes('property value')) {
    return 'was expecting comma to separate OBJECT entries';
  }
  if (message.includes('array element')) return 'was expecting comma to separate ARRAY entries';
  return "expected a valid value (number, String, array, object, 'true', 'false' or 'null')";
}

function place(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `at [line:${line}, column:${at - (before.lastIndexOf('\n') + 1) + 1}]`;
}

/** Adds to a complaint about a value where in the body it stood. */
export function locate(error: unknown, { text }: JsonBody): unknown {
  if (!(error instanceof UnreadableValue)) return error;
  const key = text.search(new RegExp(`"${error.field}"\\s*:`, 'i'));
  const value = key === -1 ? 0 : text.indexOf(':', key) + 1;
  const blank = /^\s*/.exec(text.slice(value))?.[0].length ?? 0;
  return parserError(`${error.message} ${place(text, value + blank)}`);
}

/** @throws RestError JSON_PARSER_ERROR when it is no object */
export function requireObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  const token = Array.isArray(value) ? 'START_ARRAY' : 'VALUE_STRING';
  throw parserError(`Can not deserialize ${what} out of ${token} token at [line:1, column:1]`);
}
