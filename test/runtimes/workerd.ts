/** Cloudflare's workerd, as it comes from the registry: no Wrangler, no Miniflare, no way out but loopback. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface RunningWorker {
  /** Posts JSON to a path and gives back the JSON of the answer. */
  post(path: string, body: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  /** The compiled program. */
  workerd: string;
  /** One module, with everything bundled in. */
  code: string;
  /** As of which day it behaves. */
  compatibilityDate: string;
  /** Text bindings. */
  environment: Readonly<Record<string, string>>;
}

/** Cap'n Proto text takes the escapes of JSON. */
const quoted = (text: string): string => JSON.stringify(text);

function configuration(options: WorkerOptions): string {
  const { compatibilityDate, environment } = options;
  const bindings = Object.entries(environment).map(
    ([name, value]) => `(name = ${quoted(name)}, text = ${quoted(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = ${quoted(compatibilityDate)},
  bindings = [${bindings.join(', ')}],
);
`;
}

export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'sfjwt-workerd-'));
  await writeFile(join(folder, 'worker.js'), options.code);
  await writeFile(join(folder, 'config.capnp'), configuration(options));
  // It tells the port it was given on file descriptor 3.
  const child = spawn(options.workerd, ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: folder,
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  }

  async function close(): Promise<void> {
    child.kill();
    await ended;
    await rm(folder, { recursive: true });
  }

  try {
    const port = await Promise.race([
      portFrom(child.stdio[3] as Readable),
      ended.then(() => Promise.reject(new Error(`workerd did not start:\n${printed}`))),
    ]);
    return {
      async post(path, body) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${response.status} ${text}\n${printed}`);
        return JSON.parse(text) as unknown;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function portFrom(control: Readable): Promise<number> {
  let text = '';
  for await (const chunk of control) {
    text += String(chunk);
    const [, port] = /"port":\s*(\d+)/.exec(text) ?? [];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`workerd told no port: ${text}`);
}
