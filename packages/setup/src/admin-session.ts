/**
 * What an administrator may see and do in an org, over HTTP: the one door through which setup,
 * diagnosis and inventory reach it.
 */

import {
  AccessToken,
  apiError,
  authorizedFetch,
  ClientError,
  createFetch,
  resolveLoginUrl,
  systemClock,
} from '@sfjwt/client';
import type { AuthorizedFetch, Clock, Fetch } from '@sfjwt/client';
import { SetupError } from './errors.ts';
import { fieldOf } from './json-answer.ts';
import { escapeText } from './metadata/metadata-xml.ts';
import type { Soql } from './soql.ts';

/** Anything that sends authorized requests: a `Connection` of `@sfjwt/client`, for one. */
export interface AuthorizedClient {
  fetch: AuthorizedFetch;
  token(): Promise<{ readonly instanceUrl: string; readonly value: string }>;
}

export interface AdminSessionOptions {
  /** Origin of the org, its My Domain. Known from a client, and then not needed. */
  instanceUrl?: string;
  /** An access token or session id of the administrator. */
  accessToken?: string;
  /** In place of a token: what sends authorized requests, and signs in again by itself. */
  client?: AuthorizedClient;
  /** "67.0". The latest one that the org and this library know, when left out. */
  apiVersion?: string;
  /** In place of the network, for a token: the `fetch` of a local org, for one. */
  fetch?: Fetch;
  /** Patience with one answer, in milliseconds; 30000 when left out. */
  timeoutMilliseconds?: number;
  clock?: Clock;
}

export interface QueryOptions {
  /** Ask the Tooling API, which knows other objects than the REST API. */
  tooling?: boolean;
}

/** A session of an administrator in one org. It never shows its token. */
export interface AdminSession {
  /** Origin of the org: requests go nowhere else. */
  readonly instanceUrl: string;
  /** Such as "67.0". */
  readonly apiVersion: string;
  /** How many requests were sent so far. */
  readonly requestCount: number;
  /**
   * One request, relative to the instance URL. The answer is as it came, refusals included.
   *
   * @throws SetupError ADMIN_SESSION_INVALID; ClientError when there was no answer
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * The same, below `/services/data/vXX.0`, with the answer's JSON; undefined where it has no body.
   *
   * @throws SetupError ADMIN_SESSION_INVALID, ADMIN_PERMISSION_MISSING, ORG_REFUSED; ClientError when
   *   there was no answer, or one of a broken server
   */
  request(path: string, init?: RequestInit): Promise<unknown>;
  /**
   * Every record of a query, however many batches it comes in. Without `attributes`.
   *
   * @throws as {@link AdminSession.request}
   */
  query<Row extends object = Readonly<Record<string, unknown>>>(
    query: Soql,
    options?: QueryOptions,
  ): Promise<Row[]>;
  /**
   * One call of the Metadata API in SOAP, which alone lists and retrieves. SOAP takes no bearer token:
   * the session goes into the envelope, and nowhere else.
   *
   * @param call such as `listMetadata`
   * @param body the XML inside its element
   * @returns the XML of the answer
   * @throws as {@link AdminSession.request}
   */
  soap(call: string, body: string): Promise<string>;
}

/** Summer '26: what this library was made for. */
const knownVersion = 67;

/** Spring '24: the first whose Metadata API takes the certificate of an external client app. */
const oldestVersion = 60;

/**
 * Opens a session from an access token and an instance URL, or from a client. Asks the org which API
 * versions it has, and nothing else.
 *
 * @throws SetupError ADMIN_SESSION_MISSING, ADMIN_SESSION_INVALID, API_VERSION_UNSUPPORTED; ClientError
 *   LOGIN_URL_INVALID, INSECURE_URL, and all of a network that fails
 */
export async function openAdminSession(options: AdminSessionOptions): Promise<AdminSession> {
  const { timeoutMilliseconds = 30_000 } = options;
  const session = new HttpAdminSession({ ...(await wayIn(options)), timeoutMilliseconds });
  session.apiVersion = options.apiVersion ?? (await latestVersion(session));
  return session;
}

interface WayIn {
  instanceUrl: string;
  fetch: AuthorizedFetch;
  /** The bearer value, for the envelope of SOAP. */
  sessionId: () => Promise<string>;
}

async function wayIn(options: AdminSessionOptions): Promise<WayIn> {
  const { client, accessToken, clock = systemClock } = options;
  if (client !== undefined) {
    const { instanceUrl } = await client.token();
    const sessionId = async (): Promise<string> => (await client.token()).value;
    return { instanceUrl, fetch: client.fetch, sessionId };
  }
  const value = accessToken?.trim() ?? '';
  if (value === '' || options.instanceUrl === undefined) {
    throw new SetupError(
      'ADMIN_SESSION_MISSING',
      value === '' ? 'There is no access token' : 'The token does not say which org it is for',
      { hints: ['Give an access token of an administrator and the My Domain of the org.'] },
    );
  }
  requireToken(value);
  const instanceUrl = originOf(options.instanceUrl);
  const token = new AccessToken({
    value,
    instanceUrl,
    scopes: [],
    organizationId: undefined,
    userId: undefined,
    identityUrl: undefined,
    receivedAt: clock.now(),
  });
  const source = {
    token: (asked: { refused?: AccessToken | undefined } = {}): Promise<AccessToken> =>
      asked.refused === undefined ? Promise.resolve(token) : Promise.reject(sessionOver()),
  };
  return {
    instanceUrl,
    fetch: authorizedFetch({ source, fetch: options.fetch ?? createFetch() }),
    sessionId: () => Promise.resolve(value),
  };
}

/** A header takes no line breaks, and its words would quote the token. */
function requireToken(value: string): void {
  if (/^[\x21-\x7e]+$/.test(value) && !value.includes('[REDACTED]')) return;
  throw new SetupError('ADMIN_SESSION_INVALID', 'What was given is not an access token', {
    hints: [
      'An access token is one word, such as 00D...!AQ...; the Salesforce CLI shows it with: sf org auth show-access-token',
    ],
  });
}

/** @throws ClientError LOGIN_URL_INVALID, INSECURE_URL; SetupError ADMIN_SESSION_MISSING */
function originOf(typed: string): string {
  const { origin, hostname } = new URL(resolveLoginUrl(typed).tokenEndpoint);
  if (!/^(?:login|test)\.salesforce\.com$/.test(hostname)) return origin;
  throw new SetupError('ADMIN_SESSION_MISSING', `${hostname} signs users in, and is no org`, {
    hints: ['Give the My Domain of the org, such as https://acme.my.salesforce.com'],
  });
}

async function latestVersion(session: AdminSession): Promise<string> {
  const response = await session.fetch('/services/data');
  if (!response.ok) throw await refusalOf(response);
  const answer = await jsonOf(response, '/services/data');
  const versions = Array.isArray(answer)
    ? answer.flatMap((entry: unknown) => Number(fieldOf(entry, 'version') ?? []))
    : [];
  const latest = Math.max(0, ...versions.filter((version) => version <= knownVersion));
  if (latest >= oldestVersion) return `${latest}.0`;
  throw new SetupError(
    'API_VERSION_UNSUPPORTED',
    `${session.instanceUrl} has no version of the REST API from ${oldestVersion}.0 on`,
    { hints: ['Check the instance URL: another kind of server seems to answer there.'] },
  );
}

interface HttpAdminSessionFields extends WayIn {
  timeoutMilliseconds: number;
}

class HttpAdminSession implements AdminSession {
  readonly instanceUrl: string;
  apiVersion = '';
  requestCount = 0;
  readonly #fetch: AuthorizedFetch;
  readonly #sessionId: () => Promise<string>;
  readonly #timeoutMilliseconds: number;

  constructor(fields: HttpAdminSessionFields) {
    const { instanceUrl, fetch, sessionId, timeoutMilliseconds } = fields;
    this.instanceUrl = instanceUrl;
    this.#fetch = fetch;
    this.#sessionId = sessionId;
    this.#timeoutMilliseconds = timeoutMilliseconds;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    this.requestCount += 1;
    const patience = AbortSignal.timeout(this.#timeoutMilliseconds);
    const asked = init.signal ?? undefined;
    const signal = asked === undefined ? patience : AbortSignal.any([patience, asked]);
    try {
      const response = await this.#fetch(path, { redirect: 'manual', ...init, signal });
      if (response.status < 300 || response.status >= 400 || response.status === 304) {
        return response;
      }
      throw new ClientError('REDIRECTED', `${this.instanceUrl} redirects (${response.status})`, {
        status: response.status,
        hints: ['Use the My Domain of the org as instance URL.'],
      });
    } catch (error) {
      if (!patience.aborted) throw error;
      throw new ClientError(
        'TIMED_OUT',
        `${path.split('?')[0]} did not answer within ${this.#timeoutMilliseconds} ms`,
        { transient: true, hints: ['Try again; see status.salesforce.com if it stays.'] },
      );
    }
  }

  async request(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'application/json');
    if (typeof init.body === 'string' && !headers.has('content-type')) {
      headers.set('content-type', 'application/json');
    }
    const full = `/services/data/v${this.apiVersion}${path}`;
    const response = await this.fetch(full, { ...init, headers });
    if (!response.ok) throw await refusalOf(response);
    return jsonOf(response, full.split('?')[0] ?? full);
  }

  async query<Row extends object>(
    query: Soql,
    { tooling = false }: QueryOptions = {},
  ): Promise<Row[]> {
    const root = tooling ? '/tooling/query' : '/query';
    const rows: Row[] = [];
    let answer = await this.request(`${root}?q=${encodeURIComponent(query.text)}`);
    for (;;) {
      const records = fieldOf(answer, 'records');
      if (!Array.isArray(records)) throw unexpected(root);
      for (const record of records) rows.push(withoutAttributes(record) as Row);
      const next = fieldOf(answer, 'nextRecordsUrl');
      if (typeof next !== 'string') return rows;
      const place = next.indexOf(`${root}/`);
      if (place === -1) throw unexpected(root);
      answer = await this.request(next.slice(place));
    }
  }

  async soap(call: string, body: string): Promise<string> {
    const sessionId = await this.#sessionId();
    const response = await this.fetch(`/services/Soap/m/${this.apiVersion}`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
      body: envelope(call, body, sessionId),
    });
    const answer = await response.text();
    const fault = /<faultcode[^>]*>(?:\w+:)?(\w+)<\/faultcode>/.exec(answer)?.[1];
    if (response.ok && fault === undefined) return answer;
    const words = /<faultstring[^>]*>([^<]*)</.exec(answer)?.[1] ?? '';
    throw soapRefusal(response, fault, words.replaceAll(sessionId, '[hidden]'));
  }
}

function envelope(call: string, body: string, sessionId: string): string {
  const metadata = 'http://soap.sforce.com/2006/04/metadata';
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
<soapenv:Header><SessionHeader xmlns="${metadata}"><sessionId>${escapeText(sessionId)}</sessionId></SessionHeader></soapenv:Header>
<soapenv:Body><${call} xmlns="${metadata}">${body}</${call}></soapenv:Body>
</soapenv:Envelope>`;
}

/** A fault comes with status 500, whatever it is about: its code tells. */
function soapRefusal({ status }: Response, fault: string | undefined, words: string): Error {
  if (fault === 'INVALID_SESSION_ID') return sessionOver();
  if (fault === undefined) {
    const hints = ['Try again; check the instance URL if it stays.'];
    const message = `The Metadata API did not answer (status ${status})`;
    return new ClientError('SERVER_ERROR', message, { status, hints, transient: status >= 500 });
  }
  const said = words.slice(0, 300);
  const message = said.startsWith(fault) ? said : `${fault}: ${said}`;
  if (isAccess(fault) || fault === 'API_DISABLED_FOR_ORG') {
    return new SetupError('ADMIN_PERMISSION_MISSING', message, {
      status,
      error: fault,
      hints: [
        'Use a session of an administrator with "Modify Metadata Through Metadata API Functions".',
      ],
    });
  }
  return new SetupError('ORG_REFUSED', message, { status, error: fault });
}

/** What every record carries, and nobody asked for; also in the records that it refers to. */
function withoutAttributes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAttributes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
      name === 'attributes' ? [] : [[name, withoutAttributes(inner)]],
    ),
  );
}

async function jsonOf(response: Response, path: string): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's words would quote the answer.
    throw unexpected(path);
  }
}

function unexpected(path: string): ClientError {
  return new ClientError('RESPONSE_INVALID', `The answer of ${path} is not that of Salesforce`, {
    hints: ['Check the instance URL: another kind of server seems to answer there.'],
  });
}

function sessionOver(cause?: ClientError): SetupError {
  return new SetupError('ADMIN_SESSION_INVALID', 'Salesforce does not accept the admin session', {
    cause,
    status: 401,
    hints: [
      'It has ended, or belongs to another org: get a new access token and try again.',
      'Check the instance URL: it has to be the My Domain of the org that gave the token.',
    ],
  });
}

/** An answer that refuses, as an error. Reads its body. */
async function refusalOf(response: Response): Promise<Error> {
  const copy = response.clone();
  const refused = await apiError(response);
  const errorCode = errorCodeOf(await copy.text());
  const { status, message } = refused;
  if (refused.code === 'SESSION_INVALID' || refused.code === 'SESSION_NOT_FOR_API') {
    return sessionOver(refused);
  }
  if (refused.transient) return refused;
  const details = { cause: refused, status, error: errorCode };
  if (refused.code === 'API_DISABLED' || status === 403 || isAccess(errorCode)) {
    return new SetupError('ADMIN_PERMISSION_MISSING', message, {
      ...details,
      hints:
        refused.code === 'API_REFUSED'
          ? ['Use a session of an administrator who may do this; the message says what.']
          : refused.hints,
    });
  }
  return new SetupError('ORG_REFUSED', message, { ...details, hints: refused.hints });
}

function isAccess(errorCode: string | undefined): boolean {
  return /^INSUFFICIENT_ACCESS|^NO_ACCESS/.test(errorCode ?? '');
}

/** Salesforce's own word for the refusal, such as INVALID_FIELD. */
function errorCodeOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const word = fieldOf(Array.isArray(parsed) ? parsed[0] : parsed, 'errorCode');
    return typeof word === 'string' && /^[A-Z][A-Z_]{2,60}$/.test(word) ? word : undefined;
  } catch {
    return undefined;
  }
}
