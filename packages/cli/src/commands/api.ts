import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { apiError, ClientError } from '@sfjwt/client';
import { writeResult } from '../envelope.ts';
import { openConnection, writeWarnings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';
import { writeData } from '../terminal.ts';

export interface ApiFlags extends SettingFlags {
  body?: string;
  json?: boolean;
}

export async function api(method: string, path: string, flags: ApiFlags): Promise<void> {
  const body = flags.body === undefined ? undefined : await readBody(flags.body);
  const warnings: string[] = [];
  const connection = openConnection(flags, warnings);
  try {
    const response = await connection.fetch(path, {
      method: method.toUpperCase(),
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
  if (body === '-') return text(process.stdin);
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
