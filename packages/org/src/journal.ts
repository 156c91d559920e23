/**
 * What clients did: every request with its answer, decoded, for a test to look at. It holds no
 * secret that could be used: no token, no signature, no client secret; and it is bounded.
 */

import { explainRefusal } from './near-miss.ts';
import { OrgError } from './org-error.ts';
import { pathMatcher } from './request-target.ts';
import type { RequestTarget } from './request-target.ts';
import type { TraceEntry } from './trace.ts';

export interface JournalEntry {
  /** Counts the requests of this org, from 1. */
  readonly number: number;
  /** When the request came in, in milliseconds since 1970, by the clock of the org. */
  readonly time: number;
  readonly method: string;
  readonly path: string;
  /** Parameters of the URL; what may be secret is named only. */
  readonly query: Readonly<Record<string, string>>;
  /** Those that say something of the client; of `authorization` the scheme only. */
  readonly headers: Readonly<Record<string, string>>;
  readonly sourceIp: string | undefined;
  /** Whose session the request used. */
  readonly username: string | undefined;
  /** Of the answer; not set when the connection broke before one. */
  readonly status: number | undefined;
  /** Number of the fault that the request met. */
  readonly fault: number | undefined;
  readonly tokenRequest: TokenRequest | undefined;
}

export interface TokenRequest {
  /** Parameters of the form; what may be secret is named only. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Not set when there is none that can be read. */
  readonly assertion:
    | {
        readonly header: Readonly<Record<string, unknown>>;
        readonly claims: Readonly<Record<string, unknown>>;
      }
    | undefined;
  /** `Success`, or why not, in the words of Login History. */
  readonly outcome: string;
  /** The rules that were applied, with what was found. */
  readonly trace: readonly TraceEntry[];
  /** Of a refusal: what was sent, and what this org would have taken. */
  readonly explanation: string | undefined;
}

/** Every field given has to fit. */
export interface RequestFilter {
  /** A word such as `token` or `query`, or a path in which `*` stands for anything. */
  path?: RequestTarget;
  method?: string;
  status?: number;
  /** Later than the entry of this number. */
  after?: number;
}

export type RequestPredicate = (entry: JournalEntry) => boolean;

export interface WaitOptions {
  /** Real time, not that of the org: somebody waits. 5,000 when left out. */
  timeoutMilliseconds?: number;
  signal?: AbortSignal;
}

/** What the token endpoint tells of a request. */
export interface DecidedTokenRequest {
  /** Not set when the body was not read. */
  parameters: URLSearchParams | undefined;
  outcome: string;
  trace: readonly TraceEntry[];
}

interface TokenRequestNote {
  parameters: Readonly<Record<string, string>>;
  /** Header and payload, as they came. */
  assertion: string | undefined;
  outcome: string;
  trace: readonly TraceEntry[];
}

interface Note {
  username?: string;
  tokenRequest?: TokenRequestNote;
}

const defaultCapacity = 1000;
const defaultTimeoutMilliseconds = 5000;

export class RequestJournal {
  readonly #capacity: number;
  /** What the endpoints add while they work; gone with the request. */
  readonly #notes = new WeakMap<Request, Note>();
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  #kept: Kept[] = [];
  #lastNumber = 0;

  constructor({ capacity = defaultCapacity }: { capacity?: number } = {}) {
    this.#capacity = capacity;
  }

  /** Oldest first; the last thousand are kept. */
  list(filter: RequestFilter | RequestPredicate = {}): JournalEntry[] {
    return this.#kept.map(decode).filter(toPredicate(filter));
  }

  clear(): void {
    this.#kept = [];
  }

  /** Hears of each request once it is answered. Returns what ends that. */
  subscribe(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The first request in the journal that fits, or the next one that does.
   *
   * @throws OrgError REQUEST_NOT_SEEN after the time-out, with what came instead
   */
  waitFor(
    filter: RequestFilter | RequestPredicate,
    { timeoutMilliseconds = defaultTimeoutMilliseconds, signal }: WaitOptions = {},
  ): Promise<JournalEntry> {
    const fits = toPredicate(filter);
    const seen = this.list().find(fits);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        unsubscribe();
        signal?.removeEventListener('abort', abort);
        act();
      };
      const abort = (): void =>
        finish(() => {
          const reason: unknown = signal?.reason;
          reject(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
        });
      const timer = setTimeout(
        () => finish(() => reject(this.#notSeen(filter, timeoutMilliseconds))),
        timeoutMilliseconds,
      );
      const unsubscribe = this.subscribe((entry) => {
        if (fits(entry)) finish(() => resolve(entry));
      });
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
    });
  }

  /** The check of the session says whose it is. */
  noteUser(request: Request, username: string): void {
    this.#note(request, { username });
  }

  /** The token endpoint says how it decided, and why. */
  noteTokenRequest(
    request: Request,
    { parameters = new URLSearchParams(), outcome, trace }: DecidedTokenRequest,
  ): void {
    const parts = parameters.get('assertion')?.split('.') ?? [];
    const signingInput = parts.slice(0, 2).join('.');
    this.#note(request, {
      tokenRequest: {
        parameters: readableParameters(parameters, (name) => openParameters.has(name)),
        assertion: signingInput.length > longestAssertion ? undefined : signingInput,
        outcome,
        trace,
      },
    });
  }

  #note(request: Request, note: Note): void {
    this.#notes.set(request, { ...this.#notes.get(request), ...note });
  }

  /** Keeps a request that has come to its end. */
  record(request: Request, ending: Ending): void {
    this.#lastNumber += 1;
    const kept: Kept = {
      number: this.#lastNumber,
      ...ending,
      method: request.method,
      url: request.url,
      headers: readableHeaders(request.headers),
      ...this.#notes.get(request),
    };
    this.#kept.push(kept);
    if (this.#kept.length > this.#capacity) this.#kept.shift();
    if (this.#listeners.size === 0) return;
    const entry = decode(kept);
    for (const listener of this.#listeners) listener(entry);
  }

  #notSeen(filter: RequestFilter | RequestPredicate, milliseconds: number): OrgError {
    const wanted = typeof filter === 'function' ? 'that fits' : `with ${JSON.stringify(filter)}`;
    const last = this.list().slice(-3).map(describe);
    return new OrgError('REQUEST_NOT_SEEN', `No request ${wanted} within ${milliseconds} ms`, {
      hints: last.length === 0 ? ['No request came at all.'] : ['The last that came:', ...last],
    });
  }
}

interface Ending {
  time: number;
  sourceIp: string | undefined;
  status: number | undefined;
  fault: number | undefined;
}

/** An entry that is decoded once somebody looks: most never are. */
interface Kept extends Note, Ending {
  number: number;
  method: string;
  url: string;
  headers: Record<string, string>;
  decoded?: JournalEntry;
}

function decode(kept: Kept): JournalEntry {
  return (kept.decoded ??= toEntry(kept));
}

function toEntry({ number, time, method, url, headers, sourceIp, ...rest }: Kept): JournalEntry {
  const { pathname, searchParams } = new URL(url);
  return {
    number,
    time,
    method,
    path: withoutSecrets(pathname),
    query: readableParameters(searchParams, (name) => !secretName.test(name)),
    headers,
    sourceIp,
    username: rest.username,
    status: rest.status,
    fault: rest.fault,
    tokenRequest: rest.tokenRequest === undefined ? undefined : toTokenRequest(rest.tokenRequest),
  };
}

function toTokenRequest({ parameters, assertion, outcome, trace }: TokenRequestNote): TokenRequest {
  const decoded = assertion === undefined ? undefined : decodeAssertion(assertion);
  return {
    parameters,
    assertion: decoded,
    outcome,
    trace,
    explanation: explainRefusal(trace, decoded?.claims),
  };
}

const notKept = '(not kept)';
const longestValue = 1000;
const longestAssertion = 8000;
const mostFields = 50;

/** Of a URL or a header: its value may open something. */
const secretName =
  /auth|token|secret|passw|assertion|cookie|session|sid$|^sid|^otp$|key|code|verifier|jwt/i;

/** Of the form of a token request nothing is kept but what is known to be no secret. */
const openParameters = new Set([
  'grant_type',
  'format',
  'client_id',
  'client_assertion_type',
  'username',
  'redirect_uri',
  'scope',
  'token_type_hint',
]);

function readableHeaders(headers: Headers): Record<string, string> {
  const readable: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of headers) {
    count += 1;
    if (count > mostFields) break;
    if (name === 'authorization') readable[name] = `${/^\w*/.exec(value)?.[0]} ${notKept}`;
    else readable[name] = secretName.test(name) ? notKept : withoutSecrets(value);
  }
  return readable;
}

function readableParameters(
  parameters: URLSearchParams,
  isOpen: (name: string) => boolean,
): Record<string, string> {
  const entries = [...parameters]
    .slice(0, mostFields)
    .map(([name, value]) => [withoutSecrets(name), isOpen(name) ? withoutSecrets(value) : notKept]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Access tokens and whatever is shaped like a JWT are taken out, wherever they stand. */
function withoutSecrets(text: string): string {
  const kept = text
    .slice(0, longestValue)
    .replace(/00D\w{12,15}(?:!|%21)[\w.%]*/gi, notKept)
    .replace(/\beyJ[\w-]+(?:\.[\w-]*)+/g, notKept);
  return text.length > longestValue ? `${kept}…` : kept;
}

function decodeAssertion(signingInput: string): TokenRequest['assertion'] {
  try {
    const [header = '', claims = ''] = signingInput.split('.').map((part) => {
      return withoutSecrets(Buffer.from(part, 'base64url').toString('utf8'));
    });
    return {
      header: JSON.parse(header) as Record<string, unknown>,
      claims: JSON.parse(claims) as Record<string, unknown>,
    };
  } catch {
    return undefined;
  }
}

function describe({ method, path, status, tokenRequest }: JournalEntry): string {
  const why = tokenRequest?.explanation === undefined ? '' : `: ${tokenRequest.explanation}`;
  return `${method} ${path} -> ${status ?? 'connection broken'}${why}`;
}

function toPredicate(filter: RequestFilter | RequestPredicate): RequestPredicate {
  if (typeof filter === 'function') return filter;
  const { path, method, status, after } = filter;
  const fits = path === undefined ? () => true : pathMatcher(path);
  return (entry) =>
    fits(entry.path) &&
    (method === undefined || entry.method === method.toUpperCase()) &&
    (status === undefined || entry.status === status) &&
    (after === undefined || entry.number > after);
}
