import { authorizedFetch, createFetch } from '@sfjwt/client';
import type { AuthorizedFetch } from '@sfjwt/client';
import type { Examination } from './examination.ts';

/** Requests with the token of the exchange. It is never renewed: that would be another login. */
export function workerFetch(examination: Examination): AuthorizedFetch | undefined {
  const { token, options, timeoutMilliseconds } = examination;
  if (token === undefined) return undefined;
  const fetch = authorizedFetch({
    source: { token: () => Promise.resolve(token) },
    fetch: createFetch({ proxy: options.proxy, ca: options.ca }),
  });
  return (path, init) =>
    fetch(path, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMilliseconds) });
}

/** The answer as JSON; undefined when it is none. */
export async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
