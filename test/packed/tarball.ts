import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from '../npm.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  name: string;
  version: string;
  bin?: Record<string, string>;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** One of our packages as a user gets it. */
export interface Tarball {
  manifest: Manifest;
  /** Folder of its sources. */
  home: string;
  /** The file that `npm pack` wrote. */
  path: string;
  /** Paths inside, from the package's root. */
  files: string[];
  unpackedSize: number;
}

/** Packs every package of the workspace into a folder. */
export async function packAll(destination: string): Promise<Tarball[]> {
  const flags = ['--workspaces', '--json', '--ignore-scripts', '--pack-destination', destination];
  const printed = await npm(root, 'pack', ...flags);
  const packed = JSON.parse(printed) as {
    name: string;
    filename: string;
    unpackedSize: number;
    files: { path: string }[];
  }[];
  return (await readdir(join(root, 'packages'))).map((folder) => {
    const home = join(root, 'packages', folder);
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest;
    const entry = packed.find(({ name }) => name === manifest.name);
    if (!entry) throw new Error(`npm pack left out ${manifest.name}: is it in "workspaces"?`);
    return {
      manifest,
      home,
      path: join(destination, entry.filename),
      files: entry.files.map(({ path }) => path),
      unpackedSize: entry.unpackedSize,
    };
  });
}

/** The exact version of a tool that the repository's own package.json asks for. */
export function toolVersion(name: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const version = devDependencies[name];
  if (version === undefined) throw new Error(`${name} is no devDependency`);
  return version;
}
