import { readFile } from 'node:fs/promises';
import { apiError, ClientError } from '@sfjwt/client';
import { InvalidArgumentError } from 'commander';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { addSettingFlags, openConnection, writeWarnings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';
import { readStandardInput } from '../standard-input.ts';
import { writeData } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface ApiFlags extends SettingFlags {
  body?: string;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .argument('<method>', 'GET, HEAD, POST, PATCH, PUT or DELETE', httpMethod)
    .argument('<path>', 'path on the org, such as /services/data')
    .example('A query', "sfjwt api GET '/services/data/v67.0/query?q=SELECT+Id+FROM+Account'")
    .example(
      'A new record',
      `sfjwt api POST /services/data/v67.0/sobjects/Account -b '{"Name":"Acme"}'`,
    )
    .prints('the body of the answer', 'status body')
    .option('-b, --body <text>', 'request body: text, @file, or - for standard input')
    .action(api);
  addSettingFlags(command);
}

async function api(method: string, path: string, flags: ApiFlags): Promise<void> {
  if (flags.body !== undefined && ['GET', 'HEAD'].includes(method)) {
    throw new UsageError(`A ${method} request has no body`, ['Leave --body out.']);
  }
  const body = flags.body === undefined ? undefined : await readBody(flags.body);
  const warnings: string[] = [];
  const connection = openConnection(flags, warnings);
  try {
    const response = await connection.fetch(path, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw await apiError(response);
    const answer = await response.text();
    if (flags.json === true) {
      writeResult({ result: { status: response.status, body: parsed(answer) }, warnings });
      return;
    }
    writeWarnings(warnings);
    if (answer !== '') writeData(process.stdout.isTTY ? pretty(answer) : `${answer}\n`);
  } finally {
    connection.close();
  }
}

/** Text as it stands, `@file`, or `-` for standard input. */
async function readBody(body: string): Promise<string> {
  if (body === '-') return readStandardInput('the body');
  if (!body.startsWith('@')) return body;
  try {
    return await readFile(body.slice(1), 'utf8');
  } catch (cause) {
    throw new ClientError('SETTING_INVALID', `The body file ${body.slice(1)} cannot be read`, {
      cause,
      hints: ['Check the path after @, and that this user may read the file.'],
    });
  }
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return answer;
  }
}

function pretty(answer: string): string {
  const value = parsed(answer);
  return `${typeof value === 'string' ? answer : JSON.stringify(value, null, 2)}\n`;
}

function httpMethod(text: string): string {
  const method = text.toUpperCase();
  if (['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'].includes(method)) return method;
  throw new InvalidArgumentError('Give GET, HEAD, POST, PATCH, PUT or DELETE.');
}
