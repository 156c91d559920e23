/**
 * The form of an answer: JSON, form encoding or XML, asked for by the parameter `format` or by
 * `Accept` (Salesforce Help, OAuth 2.0 flows: "format"). Errors have the form of successes.
 */

import { parseAccept } from 'hono/utils/accept';
import { textResponse } from '../text-response.ts';

export type ResponseFormat = 'json' | 'urlencoded' | 'xml';

const mediaTypes: Readonly<Record<ResponseFormat, string>> = {
  json: 'application/json',
  urlencoded: 'application/x-www-form-urlencoded',
  xml: 'application/xml',
};

const isFormat = (word: string): word is ResponseFormat => Object.hasOwn(mediaTypes, word);

/** The parameter decides before the header; what neither of them knows is answered in JSON. */
export function responseFormat(
  parameters: URLSearchParams | undefined,
  accept: string | null,
): ResponseFormat {
  const wanted = parameters?.get('format') ?? '';
  if (isFormat(wanted)) return wanted;
  // What most clients send costs nothing.
  if (accept === null || accept === '*/*' || accept === mediaTypes.json) return 'json';
  for (const { type, q } of parseAccept(accept)) {
    const known = Object.keys(mediaTypes)
      .filter(isFormat)
      .find((name) => mediaTypes[name] === type);
    if (known !== undefined && q > 0) return known;
    if (type.endsWith('/*')) break;
  }
  return 'json';
}

/** An answer of an OAuth endpoint that is not for the eyes of any cache: RFC 6749 section 5.1. */
export function oauthResponse(
  fields: Readonly<Record<string, unknown>>,
  { status = 200, format = 'json' }: { status?: number; format?: ResponseFormat } = {},
): Response {
  return textResponse(write[format](fields), {
    status,
    headers: {
      ...oauthHeaders,
      'content-type': `${mediaTypes[format]};charset=UTF-8`,
    },
  });
}

/** As Salesforce sends them, word for word. */
export const oauthHeaders = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-xss-protection': '1; mode=block',
  'content-security-policy': 'upgrade-insecure-requests',
  'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
  expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
} as const;

type Fields = Readonly<Record<string, unknown>>;

const write: Readonly<Record<ResponseFormat, (fields: Fields) => string>> = {
  json: (fields) => JSON.stringify(fields),
  urlencoded: (fields) =>
    new URLSearchParams(
      Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString(),
  xml: (fields) =>
    `<?xml version="1.0" encoding="UTF-8"?><OAuth>${Object.entries(fields)
      .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
      .join('')}</OAuth>`,
};

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? character);
}
