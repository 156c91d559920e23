import type { Agent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { NetworkOptions } from '../runtime/runtime.ts';
import { proxyRefused, proxyUnreachable } from './network-error.ts';
import { parseProxy, proxyFor } from './proxy.ts';

export type Http = typeof import('node:http') | typeof import('node:https');

/** Passed with the options of a request, so that its tunnel ends with it when it is given up. */
export interface Tunnelling {
  abandon?: () => void;
}

/**
 * Connections kept alive, straight or through a proxy. Modules are loaded when needed; importing
 * them would cost more, because an ES module is made of each.
 */
export class NodeAgents {
  readonly #options: NetworkOptions;
  readonly #agents = new Map<string, { http: Http; agent: Agent }>();

  constructor(options: NetworkOptions) {
    this.#options = options;
    // A slip in the option is told at once, and not by the first request.
    if (/\S/.test(options.proxy ?? '')) parseProxy(options.proxy);
  }

  /** Whether the global `fetch` could not go there: it knows neither our proxy nor our `ca`. */
  isNeededFor(url: URL): boolean {
    const { ca, proxy } = this.#options;
    return ca !== undefined || proxyFor(url, proxy, process.env) !== undefined;
  }

  get(url: URL): { http: Http; agent: Agent } {
    const proxy = proxyFor(url, this.#options.proxy, process.env);
    const key = `${url.protocol} ${proxy?.href ?? ''}`;
    const found = this.#agents.get(key);
    if (found !== undefined) return found;
    const made = this.#make(url, proxy);
    this.#agents.set(key, made);
    return made;
  }

  close(): void {
    for (const { agent } of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #make(url: URL, proxy: URL | undefined): { http: Http; agent: Agent } {
    if (url.protocol === 'http:') {
      const http = process.getBuiltinModule('node:http');
      return { http, agent: new http.Agent({ keepAlive: true }) };
    }
    const https = process.getBuiltinModule('node:https');
    const { ca } = this.#options;
    const trusted = ca === undefined ? {} : { ca: [...usualCertificates(), ca] };
    const agent = new https.Agent({ keepAlive: true, ...trusted });
    if (proxy !== undefined) tunnel(agent, proxy);
    return { http: https, agent };
  }
}

/** What is trusted without being told to: giving any `ca` would take its place. */
function usualCertificates(): readonly string[] {
  // Newer Nodes also know what NODE_EXTRA_CA_CERTS added.
  const tls: typeof import('node:tls') & {
    getCACertificates?: (type: 'default') => readonly string[];
  } = process.getBuiltinModule('node:tls');
  return tls.getCACertificates?.('default') ?? tls.rootCertificates;
}

/** Every connection of the agent goes through the proxy: CONNECT (RFC 9110 section 9.3.6), then TLS. */
function tunnel(agent: HttpsAgent, proxy: URL): void {
  const { request } =
    proxy.protocol === 'https:'
      ? process.getBuiltinModule('node:https')
      : process.getBuiltinModule('node:http');
  const tls = process.getBuiltinModule('node:tls');
  const authorization =
    proxy.username === ''
      ? {}
      : { 'proxy-authorization': `Basic ${Buffer.from(credentials(proxy)).toString('base64')}` };

  type Target = {
    host?: string;
    port?: number | string;
    servername?: string;
    tunnelling?: Tunnelling;
  };
  type Done = (error: Error | null, socket?: Socket) => void;
  Object.assign(agent, {
    createConnection(options: Target, done: Done): undefined {
      const authority = `${options.host ?? ''}:${options.port ?? 443}`;
      const outgoing = request({
        host: proxy.hostname.replace(/^\[|\]$/g, ''),
        port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
        method: 'CONNECT',
        path: authority,
        headers: { host: authority, ...authorization },
        agent: false,
      });
      // A proxy that keeps silent would hold the process otherwise.
      if (options.tunnelling !== undefined) options.tunnelling.abandon = () => outgoing.destroy();
      outgoing.on('connect', ({ statusCode = 0 }, socket, head) => {
        if (statusCode === 200 && head.length === 0) {
          done(null, tls.connect({ ...options, socket, path: undefined } as object));
          return;
        }
        socket.destroy();
        done(proxyRefused(proxy.host, authority, statusCode));
      });
      outgoing.on('response', ({ statusCode = 0 }) => {
        outgoing.destroy();
        done(proxyRefused(proxy.host, authority, statusCode));
      });
      outgoing.on('error', (cause) => done(proxyUnreachable(proxy.host, cause)));
      outgoing.end();
    },
  });
}

function credentials({ username, password }: URL): string {
  return `${decoded(username)}:${decoded(password)}`;
}

/** A percent sign in a password that nobody encoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
