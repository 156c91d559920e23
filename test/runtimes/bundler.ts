/** Bundlers as people set them up, for the edge and elsewhere. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { build } from 'vite';
import type { Installation } from '../installation.ts';

const run = promisify(execFile);

export interface Bundle {
  code: string;
  /** Files of packages that went into it, from `node_modules` on. */
  modules: string[];
}

/** Bundles a file into one, minified. */
export type Bundler = (file: string) => Promise<Bundle>;

type RolldownSetting = Pick<NonNullable<Parameters<typeof rolldown>[0]>, 'platform' | 'resolve'>;

/** Rolldown, which is what Vite bundles with. */
export function rolldownWith(setting: RolldownSetting): Bundler {
  return async (file) => {
    const bundle = await rolldown({ ...setting, input: file, logLevel: 'silent' });
    const { output } = await bundle.generate({
      format: 'esm',
      minify: true,
      codeSplitting: false,
    });
    return {
      code: output[0].code,
      modules: output[0].moduleIds.flatMap(fromPackages),
    };
  };
}

/** Vite, for a server that runs where a Web Worker does. */
export function viteForWebWorker(): Bundler {
  return async (file) => {
    const built = await build({
      root: dirname(file),
      configFile: false,
      logLevel: 'silent',
      ssr: { target: 'webworker', noExternal: true },
      build: { ssr: file, write: false, minify: true },
    });
    const { output } = built as unknown as { output: readonly OutputChunk[] };
    return {
      code: output.map(({ code }) => code).join('\n'),
      modules: output.flatMap(({ moduleIds }) => moduleIds.flatMap(fromPackages)),
    };
  };
}

interface OutputChunk {
  code: string;
  moduleIds: readonly string[];
}

/**
 * What Rolldown makes of a file when it may split: the parts that are loaded at once, and not those
 * that wait for an `import()`.
 */
export async function startOf(file: string): Promise<string> {
  const bundle = await rolldown({ platform: 'browser', input: file, logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const chunks = output.filter((part) => part.type === 'chunk');
  const start = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of start) {
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) start.add(chunk);
  }
  return [...start].map(({ code }) => code).join('\n');
}

interface Esbuild {
  build(options: Record<string, unknown>): Promise<{
    outputFiles: { text: string }[];
    metafile: { inputs: Record<string, unknown> };
  }>;
}

/** As Wrangler sets esbuild up for workerd. */
export const wrangler = { platform: 'browser', conditions: ['workerd', 'worker', 'browser'] };

/** esbuild, which is what Wrangler bundles with. */
export function esbuildWith(
  installation: Installation,
  setting: { platform: string; conditions?: readonly string[] },
): Bundler {
  return async (file) => {
    const esbuild = installation.load('esbuild') as Esbuild;
    const { outputFiles, metafile } = await esbuild.build({
      ...setting,
      entryPoints: [file],
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      target: 'es2022',
      logLevel: 'silent',
    });
    return {
      code: outputFiles[0]?.text ?? '',
      modules: Object.keys(metafile.inputs).flatMap(fromPackages),
    };
  };
}

/** `bun build`. It does not tell what went in. */
export function bunWith(bun: string, target: string): Bundler {
  return async (file) => {
    const out = `${file}.${target}.js`;
    const flags = [`--target=${target}`, '--minify', `--outfile=${out}`];
    await run(bun, ['build', file, ...flags], { env: { DO_NOT_TRACK: '1' } });
    return { code: await readFile(out, 'utf8'), modules: [] };
  };
}

function fromPackages(path: string): string[] {
  const [, inside] = /node_modules\/(.*)$/.exec(path.replaceAll('\\', '/')) ?? [];
  return inside === undefined ? [] : [inside];
}
