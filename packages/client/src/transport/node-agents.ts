import type { Agent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { NetworkOptions } from '../runtime/runtime.ts';
import { proxyRefused, proxyUnreachable } from './network-error.ts';
import { proxyFor } from './proxy.ts';

export type Http = typeof import('node:http') | typeof import('node:https');

/** Passed with the options of a request, so that its tunnel ends with it when it is given up. */
export interface Tunnelling {
  abandon?: () => void;
}

/** Connections kept alive, straight or through a proxy. Modules are loaded when needed. */
export class NodeAgents {
  readonly #options: NetworkOptions;
  readonly #agents = new Map<string, { http: Http; agent: Agent }>();

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Whether the global `fetch` could not go there: it knows neither our proxy nor our `ca`. */
  isNeededFor(url: URL): boolean {
    const { ca, proxy } = this.#options;
    return ca !== undefined || proxyFor(url, proxy, process.env) !== undefined;
  }

  async get(url: URL): Promise<{ http: Http; agent: Agent }> {
    const proxy = proxyFor(url, this.#options.proxy, process.env);
    const key = `${url.protocol} ${proxy?.href ?? ''}`;
    const found = this.#agents.get(key);
    if (found !== undefined) return found;
    const made = await this.#make(url, proxy);
    // Somebody may have made it while the module was loaded.
    const agents = this.#agents.get(key) ?? made;
    this.#agents.set(key, agents);
    return agents;
  }

  close(): void {
    for (const { agent } of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #make(url: URL, proxy: URL | undefined): Promise<{ http: Http; agent: Agent }> {
    if (url.protocol === 'http:') {
      const http = await import('node:http');
      return { http, agent: new http.Agent({ keepAlive: true }) };
    }
    const https = await import('node:https');
    const { ca } = this.#options;
    const trusted = ca === undefined ? {} : { ca: [...(await usualCertificates()), ca] };
    const agent = new https.Agent({ keepAlive: true, ...trusted });
    if (proxy !== undefined) await tunnel(agent, proxy);
    return { http: https, agent };
  }
}

/** What is trusted without being told to: giving any `ca` would take its place. */
async function usualCertificates(): Promise<readonly string[]> {
  // Newer Nodes also know what NODE_EXTRA_CA_CERTS added.
  const tls: typeof import('node:tls') & {
    getCACertificates?: (type: 'default') => readonly string[];
  } = await import('node:tls');
  return tls.getCACertificates?.('default') ?? tls.rootCertificates;
}

/** Every connection of the agent goes through the proxy: CONNECT (RFC 9110 section 9.3.6), then TLS. */
async function tunnel(agent: HttpsAgent, proxy: URL): Promise<void> {
  const { request } = await (proxy.protocol === 'https:'
    ? import('node:https')
    : import('node:http'));
  const tls = await import('node:tls');
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
