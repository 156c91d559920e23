// Puts every contestant into a folder of its own under .cache/bench, at the exact version that
// contestants.json names, with its programs beside it. Ours come as a user gets them: packed.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache/bench');
const nodeMajor = Number(process.versions.node.split('.')[0]);

/**
 * @typedef {object} Manifest One contestant, as contestants.json has it.
 * @property {string | Record<string, string>} [version] Exact; or by the least Node that takes it.
 * @property {string[]} [workspace] Ours: the packages to pack.
 * @property {string} [import] What a user imports,
 * @property {string} [require] or requires.
 * @property {string} [command] The script that starts it.
 * @property {string} [program] The one in programs/ that gets a token with it,
 * @property {string} [server] or the one that lets it issue tokens,
 * @property {string} [inProcess] and that does so without a socket.
 * @property {string[]} [beside] What that needs besides, as npm is asked for it.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} label Name and version.
 * @property {string} folder
 * @property {readonly string[]} workspace
 * @property {readonly string[]} wanted What npm is asked for.
 * @property {string | undefined} specifier What is loaded, if it is a library,
 * @property {string} load and the statement that does it.
 * @property {string | undefined} program
 * @property {string | undefined} server
 * @property {string | undefined} inProcess
 * @property {string | undefined} command
 */

/** @type {Record<string, Manifest>} */
const manifests = JSON.parse(readFileSync(join(here, 'contestants.json'), 'utf8'));

/**
 * The contestants of these names that run on this Node; says on standard error which do not.
 *
 * @param {readonly string[]} names all when empty
 * @returns {Contestant[]}
 */
export function contestantsNamed(names) {
  return (names.length === 0 ? Object.keys(manifests) : names).flatMap((name) => {
    const manifest = manifests[name];
    if (manifest === undefined) throw new RangeError(`contestants.json has no ${name}`);
    const { version, workspace = [], beside = [], program, server, inProcess, command } = manifest;
    const exact = typeof version === 'object' ? newest(version) : version;
    if (version !== undefined && exact === undefined) {
      console.error(`${name} does not run on Node ${nodeMajor}: left out`);
      return [];
    }
    const label = exact === undefined ? name : `${name} ${exact}`;
    const folder = join(cache, label.replaceAll('/', '+').replace(' ', '@'));
    const specifier = manifest.import ?? manifest.require;
    return [
      {
        name,
        label,
        folder,
        workspace,
        wanted: exact === undefined ? [] : [`${name}@${exact}`, ...beside],
        specifier,
        load: manifest.import === undefined ? `require('${specifier}')` : `import '${specifier}'`,
        program,
        server,
        inProcess,
        command: command && join(folder, 'node_modules', command),
      },
    ];
  });
}

/**
 * Installs what is not there yet, and ours always.
 *
 * @param {readonly Contestant[]} contestants
 */
export function install(contestants) {
  for (const { folder, workspace, wanted } of contestants) {
    if (workspace.length > 0) {
      rmSync(folder, { recursive: true, force: true });
      installInto(folder, pack(workspace));
    } else if (!existsSync(folder)) installInto(folder, wanted);
    cpSync(join(here, 'programs'), folder, { recursive: true });
  }
}

/** @param {Record<string, string>} versions */
function newest(versions) {
  const [least] = Object.keys(versions)
    .map(Number)
    .filter((node) => node <= nodeMajor)
    .toSorted((a, b) => b - a);
  return versions[least ?? ''];
}

/**
 * Made aside and renamed when complete: an interrupted installation is never taken for one.
 *
 * @param {string} folder
 * @param {readonly string[]} wanted
 */
function installInto(folder, wanted) {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
  if (wanted.length > 0) {
    console.error(`installing ${wanted.map((one) => one.split('/').at(-1)).join(', ')}`);
    npm(draft, 'install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted);
  }
  renameSync(draft, folder);
}

/** @param {readonly string[]} packages folders of the workspace */
function pack(packages) {
  const destination = join(cache, 'tarballs');
  mkdirSync(destination, { recursive: true });
  const flags = packages.map((name) => `--workspace=packages/${name}`);
  const printed = npm(
    root,
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    destination,
    ...flags,
  );
  /** @type {{ filename: string }[]} */
  const packed = JSON.parse(printed);
  return packed.map(({ filename }) => join(destination, filename));
}

/**
 * @param {string} folder
 * @param {readonly string[]} words
 */
function npm(folder, ...words) {
  return execFileSync('npm', ['--loglevel=error', ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
}

/**
 * What an installation puts on the disk.
 *
 * @param {Contestant} contestant
 */
export function diskUse({ folder }) {
  const modules = join(folder, 'node_modules');
  /** @type {{ packages: object }} */
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== '.package-lock.json',
  );
  const bytes = files.reduce(
    (sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size,
    0,
  );
  return { packages: Object.keys(lock.packages).length, files: files.length, bytes };
}
