/** For axios: an instance whose requests carry the token. */

import type { AccessToken } from '../access-token.ts';
import type { TokenSource } from '../token-source.ts';
import { ofOrg, requireOrg } from './origin.ts';
import { refusesToken } from './refusal.ts';

/** What is used of a request's configuration. */
interface RequestConfig {
  url?: string | undefined;
  baseURL?: string | undefined;
  data?: unknown;
  headers: { set(name: string, value: string): unknown; delete(name: string): unknown };
  signal?: unknown;
  beforeRedirect?: ((options: Record<string, unknown>, ...rest: never[]) => void) | undefined;
  // Axios hands on what it does not know: so the second sending is told from the first.
  renewedToken?: AccessToken | undefined;
}

interface ClientResponse {
  status: number;
  data: unknown;
  config: RequestConfig;
}

/** What is used of an axios instance; its own types fit, and so do those of its forks. */
export interface AxiosLike {
  request(config: never): Promise<unknown>;
  interceptors: {
    request: { use(fulfilled: (config: unknown) => never): number };
    response: {
      use(fulfilled: (response: unknown) => never, rejected: (error: unknown) => unknown): number;
    };
  };
}

/**
 * Lets an axios instance carry the token: paths are resolved against the instance URL, any other
 * origin is refused with FOREIGN_ORIGIN before anything is sent, and a redirect that leaves the org
 * goes on without the token. A request whose token is turned away is sent once more with a new one,
 * never twice; one with a stream as body is not, but the next call has the new token.
 *
 * @returns the same instance
 */
export function authorizeAxios<A extends AxiosLike>(axios: A, source: TokenSource): A {
  const sent = new WeakMap<RequestConfig, AccessToken>();

  async function authorize(config: RequestConfig): Promise<RequestConfig> {
    const signal = config.signal instanceof AbortSignal ? config.signal : undefined;
    const token = config.renewedToken ?? (await source.token({ signal }));
    config.baseURL ??= token.instanceUrl;
    requireOrg(resolved(config), token);
    config.headers.set('Authorization', `Bearer ${token.value}`);
    const { beforeRedirect } = config;
    config.beforeRedirect = (options, ...rest) => {
      beforeRedirect?.(options, ...rest);
      if (!ofOrg(String(options['href']), token)) dropToken(options['headers']);
    };
    sent.set(config, token);
    return config;
  }

  /** The answer to the second sending, or undefined when there is to be none. */
  async function renewed(response: ClientResponse): Promise<unknown> {
    const { config, status, data } = response;
    const refused = sent.get(config);
    // An error that is shown or logged holds its configuration, and the headers with it.
    if (status >= 400) config.headers.delete('Authorization');
    if (refused === undefined || config.renewedToken !== undefined) return undefined;
    if (!(await refusesToken(status, textOf(data)))) return undefined;
    const renewedToken = await source.token({ refused });
    if (typeof (config.data as { pipe?: unknown } | undefined)?.pipe === 'function') {
      return undefined;
    }
    return axios.request({ ...config, renewedToken } as never);
  }

  axios.interceptors.request.use(((config: RequestConfig) => authorize(config)) as unknown as (
    config: unknown,
  ) => never);
  axios.interceptors.response.use(
    (async (response: ClientResponse) => (await renewed(response)) ?? response) as unknown as (
      response: unknown,
    ) => never,
    async (error: unknown) => {
      const { response, config } = error as { response?: ClientResponse; config?: RequestConfig };
      const again = response === undefined ? undefined : await renewed(response);
      if (again !== undefined) return again;
      config?.headers.delete('Authorization');
      throw error;
    },
  );
  return axios;
}

function resolved({ url = '', baseURL = '' }: RequestConfig): string {
  // As axios itself: an absolute URL stands alone, any other is put behind the base.
  if (/^([a-z][a-z\d+\-.]*:)?\/\//i.test(url)) return new URL(url, baseURL).href;
  return `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}

function dropToken(headers: unknown): void {
  const held = headers as Record<string, unknown>;
  for (const name of Object.keys(held)) {
    if (name.toLowerCase() === 'authorization') delete held[name];
  }
}

function textOf(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  if (data instanceof ArrayBuffer || data instanceof Uint8Array) {
    return new TextDecoder().decode(data);
  }
  const streams = ['pipe', 'getReader', 'text'];
  if (streams.some((name) => typeof (data as Record<string, unknown>)?.[name] === 'function')) {
    return undefined;
  }
  return JSON.stringify(data) ?? '';
}
