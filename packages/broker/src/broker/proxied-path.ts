import { BrokerRefusal } from './broker-refusal.ts';

/** A target below the instance URL, in two parts. */
export interface ProxiedPath {
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

/**
 * What a caller may reach through the proxy: Salesforce's APIs, as written, and nothing that
 * another reader of the same text would take for another place.
 *
 * @throws BrokerRefusal PATH_FORBIDDEN
 */
export function readProxiedPath(target: string): ProxiedPath {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark);
  if (isPlain(path) && isPlainQuery(query)) return { path, query };
  if (!/^\/services\/[!-~]+$/.test(path) || !/^[!-~]*$/.test(query)) {
    throw forbidden('only paths under /services/ are proxied');
  }
  if (/[\\#]|%(?![\da-f]{2})|%(?:0|1|7f)/i.test(path) || /#/.test(query)) {
    throw forbidden('the path has characters that stand for something else');
  }
  if (!isUtf8(path)) throw forbidden('the path is not encoded as UTF-8');
  if (path.includes('//')) throw forbidden('the path has an empty segment');
  if (decodeURIComponentLoosely(path).split(/[/\\]/).some(isDots)) {
    throw forbidden('the path climbs with dots');
  }
  if (isSignIn(path)) throw forbidden('signing in is what the broker itself does');
  return { path, query };
}

/** As nearly all are: names of letters, digits, dots and dashes, which everybody reads in one way. */
function isPlain(path: string): boolean {
  return /^\/services\/(?!oauth2|auth)[a-z]\w*(?:\/\w[\w.-]*)*$/.test(path);
}

function isPlainQuery(query: string): boolean {
  return /^[\w?&=%+.*~(),:'!$/@;-]*$/.test(query);
}

/** Bytes that are none: some readers take the overlong `%c0%ae` for a dot (RFC 3629 section 10). */
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Of the OAuth paths only the one that tells who one is: the others make or end sessions. */
function isSignIn(path: string): boolean {
  const [, , place, name] = decodeURIComponentLoosely(path).toLowerCase().split('/');
  return (place === 'oauth2' && name !== 'userinfo') || place === 'auth';
}

function isDots(segment: string): boolean {
  // A parameter after a semicolon is no part of the name to some readers.
  const [name] = segment.split(';');
  return name === '.' || name === '..';
}

/** Decoded until nothing changes: a percent sign may itself be encoded. */
function decodeURIComponentLoosely(path: string): string {
  let text = path;
  for (let round = 0; round < 4; round += 1) {
    const next = text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (next === text) break;
    text = next;
  }
  return text;
}

function forbidden(why: string): BrokerRefusal {
  return new BrokerRefusal('PATH_FORBIDDEN', 403, `This path is not proxied: ${why}`, [
    'Give a path of a Salesforce API as it is, such as /services/data/v67.0/limits.',
  ]);
}
