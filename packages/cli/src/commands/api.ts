import { readFile } from 'node:fs/promises';
import { apiError, ClientError } from '@sfjwt/client';
import { InvalidArgumentError } from 'commander';
import { connected } from '../connected.ts';
import type { ConnectedFlags } from '../connected.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { queryPages } from '../query-pages.ts';
import { addSettingFlags } from '../settings.ts';
import { readStandardInputBytes } from '../standard-input.ts';
import { printable } from '../table.ts';
import { writeData } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface ApiFlags extends ConnectedFlags {
  body?: string;
  header?: Headers;
  paginate?: boolean;
  timeout?: number;
}

export function declare(command: DeclaredCommand): void {
  command
    .description(
      'Send one authorized request and print the body of the answer: as it came into a pipe or a file, JSON indented on a terminal.',
    )
    .argument('<method>', 'GET, HEAD, POST, PATCH, PUT or DELETE', httpMethod)
    .argument('<path>', 'path on the org, such as /services/data')
    .example(
      'All records of a query',
      "sfjwt api GET '/services/data/v67.0/query?q=SELECT+Id+FROM+Account' --paginate",
    )
    .example(
      'A new record',
      `sfjwt api POST /services/data/v67.0/sobjects/Account -b '{"Name":"Acme"}'`,
    )
    .example(
      'A file, with its own type',
      "sfjwt api PUT /services/data/v67.0/jobs/ingest/750.../batches -b @accounts.csv -H 'content-type: text/csv'",
    )
    .prints('the body of the answer', 'status contentType body (bodyBase64 where it is no text)')
    .option('-b, --body <text>', 'request body: text, @file, or - for standard input')
    .option(
      '-H, --header <line>',
      'header of the request, such as "Sforce-Query-Options: batchSize=200"; may be repeated',
      headerLine,
    )
    .option('--paginate', 'of a query: fetch every batch, and print one answer with all records')
    .option('--timeout <seconds>', 'give up when the answer is not there by then', seconds)
    .action(api);
  addSettingFlags(command);
}

async function api(method: string, path: string, flags: ApiFlags): Promise<void> {
  if (flags.body !== undefined && ['GET', 'HEAD'].includes(method)) {
    throw new UsageError(`A ${method} request has no body`, ['Leave --body out.']);
  }
  if (flags.paginate === true && method !== 'GET') {
    throw new UsageError('--paginate is for a query, which is a GET', ['Leave --paginate out.']);
  }
  const body = flags.body === undefined ? undefined : await readBody(flags.body);
  const headers = new Headers(flags.header);
  if (body !== undefined && !headers.has('content-type')) {
    headers.set('content-type', 'application/json');
  }
  await connected(flags, async (connection, progress) => {
    const answer = await inTime(flags.timeout, path, async (signal) => {
      const init = { method, headers, ...(body === undefined ? {} : { body }), signal };
      if (flags.paginate !== true) return answerOf(await connection.fetch(path, init));
      const fetchJson = async (page: string): Promise<unknown> =>
        jsonOf(await answerOf(await connection.fetch(page, init)));
      const whole = await queryPages(path, fetchJson, (count) =>
        progress.tell(`Waiting for Salesforce: ${count} records so far`),
      );
      const bytes = Buffer.from(JSON.stringify(whole));
      return { status: 200, contentType: 'application/json', bytes };
    });
    const { status, contentType } = answer;
    return { result: { status, contentType, ...bodyFields(answer) }, print: () => print(answer) };
  });
}

interface ApiAnswer {
  status: number;
  contentType: string | undefined;
  bytes: Buffer;
}

async function answerOf(response: Response): Promise<ApiAnswer> {
  if (!response.ok) throw await apiError(response);
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? undefined,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** The signal covers the body too: it may come in slowly. */
async function inTime<T>(
  limit: number | undefined,
  path: string,
  act: (signal: AbortSignal | null) => Promise<T>,
): Promise<T> {
  if (limit === undefined) return act(null);
  const signal = AbortSignal.timeout(limit * 1000);
  try {
    return await act(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ClientError(
      'TIMED_OUT',
      `${path.split('?')[0]} did not answer within ${limit} seconds`,
      { transient: true, hints: ['Give it more time with --timeout, or try again.'] },
    );
  }
}

/** What is no UTF-8 cannot stand in JSON as it is. */
function bodyFields({ bytes }: ApiAnswer): { body: unknown } | { bodyBase64: string } {
  const text = textOf(bytes);
  return text === undefined ? { bodyBase64: bytes.toString('base64') } : { body: parsed(text) };
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function jsonOf({ bytes }: ApiAnswer): unknown {
  return parsed(bytes.toString('utf8'));
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return answer;
  }
}

function print({ bytes, contentType = 'no type' }: ApiAnswer): void {
  if (bytes.length === 0) return;
  if (!process.stdout.isTTY) {
    writeData(bytes);
    return;
  }
  const text = textOf(bytes);
  if (text === undefined || text.includes('\0')) {
    throw new UsageError(`The answer is no text (${contentType}, ${bytes.length} bytes)`, [
      'Send it into a file: sfjwt api ... > FILE',
    ]);
  }
  const value = parsed(text);
  const shown = typeof value === 'string' ? text : JSON.stringify(value, null, 2);
  // Text of an org must not steer the terminal: JSON leaves the control codes above U+007E alone.
  writeData(`${shown.replaceAll(/[^\n\t]+/g, (part) => printable(part))}\n`);
}

/** Text as it stands, `@file`, or `-` for standard input: bytes, whatever they mean. */
async function readBody(body: string): Promise<string | Uint8Array> {
  if (body === '-') return readStandardInputBytes('the request body');
  if (!body.startsWith('@')) return body;
  try {
    return await readFile(body.slice(1));
  } catch (cause) {
    throw new ClientError('SETTING_INVALID', `The body file ${body.slice(1)} cannot be read`, {
      cause,
      hints: ['Check the path after @, and that this user may read the file.'],
    });
  }
}

function httpMethod(text: string): string {
  const method = text.toUpperCase();
  if (['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'].includes(method)) return method;
  throw new InvalidArgumentError('Give GET, HEAD, POST, PATCH, PUT or DELETE.');
}

function headerLine(text: string, sofar?: Headers): Headers {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('Give NAME: VALUE.');
  }
  if (name.toLowerCase() === 'authorization') {
    throw new InvalidArgumentError('The access token is put there by sfjwt itself.');
  }
  try {
    const headers = new Headers(sofar);
    headers.append(name, value);
    return headers;
  } catch {
    throw new InvalidArgumentError('This cannot be sent as a header.');
  }
}

function seconds(text: string): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number > 0 && number <= 86_400) return number;
  throw new InvalidArgumentError('Give seconds, such as 30.');
}
