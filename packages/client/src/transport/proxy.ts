import { readVariable } from '../environment.ts';
import { ClientError } from '../errors.ts';

/**
 * The proxy for a URL: the one given, or else what `HTTPS_PROXY` and `NO_PROXY` say (in either
 * case of letters). Plain http is for loopback hosts alone, and those never go through a proxy.
 *
 * @throws ClientError SETTING_INVALID
 */
export function proxyFor(
  url: URL,
  given: string | null | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  if (given === null || url.protocol !== 'https:') return undefined;
  const variable = (name: string): string | undefined => readVariable(environment, name);
  const typed = given ?? variable('https_proxy') ?? variable('HTTPS_PROXY') ?? '';
  if (typed.trim() === '') return undefined;
  const exceptions = variable('no_proxy') ?? variable('NO_PROXY') ?? '';
  if (given === undefined && isException(url, exceptions)) return undefined;
  return parseProxy(typed);
}

/** @throws ClientError SETTING_INVALID */
export function parseProxy(typed: unknown): URL {
  const text = String(typed).trim();
  try {
    // A word alone is a slip; the name of a host in the same network comes with its port.
    const isWord = /^[\w-]*$/.test(text);
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    if (!isWord && /^https?:$/.test(url.protocol)) return url;
  } catch {
    // Told below, without the text: it may hold a password.
  }
  throw new ClientError('SETTING_INVALID', 'The proxy is not an http(s) URL', {
    hints: ['Set HTTPS_PROXY to something like http://proxy.example:3128'],
  });
}

/** Names, domains (`.example.com`, `*.example.com`, `example.com`), with a port or not; `*` is all. */
function isException(url: URL, exceptions: string): boolean {
  const hostname = url.hostname.toLowerCase();
  const port = url.port === '' ? '443' : url.port;
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', itsPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (itsPort !== undefined && itsPort !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      return hostname === domain || hostname.endsWith(`.${domain}`);
    });
}
