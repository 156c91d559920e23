import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { readSource, type SourceFile } from './imports.ts';

/** What of a package.json the rules look at. */
export interface Manifest {
  name: string;
  imports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** The plan of the house: all that the rules allow beyond themselves. */
export interface Plan {
  /** The arrows between packages, by name. */
  arrows: Record<string, readonly string[]>;
  /** Packages that run wherever JavaScript runs, and their files that only Node loads. */
  portable: Record<string, readonly string[]>;
  /** Packages without any dependency at run time. */
  bare: readonly string[];
  /** Dependencies that the build of a package joins into its own files, by the package. */
  joined: Record<string, readonly string[]>;
  /** File names with a forbidden word in them that is Salesforce's own. */
  names: readonly string[];
}

/** What is judged: every file of `packages/<folder>/src`, and the manifests by folder. */
export interface House {
  /** Path from the root of the repository -> text. */
  files: ReadonlyMap<string, string>;
  manifests: ReadonlyMap<string, Manifest>;
}

/** Words that say nothing about what a file holds. */
const emptyWords = /^(?:util|helper|common|manager|service)s?$/;
// Node answers only for its own version: on an older one, a newer builtin is unknown to it.
const isNode = (specifier: string) => specifier.startsWith('node:') || isBuiltin(specifier);
const kebabCase = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
const readable = /\.[cm]?[jt]sx?$/;

function names(path: string, plan: Plan): string[] {
  const offences: string[] = [];
  // packages/<folder>/src/...: the folders above are the plan's own.
  for (const part of path.split('/').slice(3)) {
    const at = `${path}:1: the name '${part}'`;
    if (!kebabCase.test(part)) offences.push(`${at} is not in kebab-case`);
    if (plan.names.includes(part)) continue;
    const word = part.split(/[-.]/).find((one) => emptyWords.test(one));
    if (word !== undefined) {
      offences.push(`${at} holds the empty word '${word}': name what the file is about`);
    }
  }
  return offences;
}

/** Every path that a target in `imports` of a package.json can lead to. */
function leaves(target: unknown): string[] {
  if (typeof target === 'string') return [target];
  if (typeof target !== 'object' || target === null) return [];
  return Object.values(target).flatMap(leaves);
}

/** The arrow, dependency and portability rules for one file; also returns the files it reaches. */
function imports(
  file: SourceFile,
  { files, manifests }: House,
  plan: Plan,
): { offences: string[]; reached: string[] } {
  const offences: string[] = [];
  const reached: string[] = [];
  const folder = file.path.split('/')[1] ?? '';
  const home = `packages/${folder}`;
  const manifest = manifests.get(folder);
  const arrows = plan.arrows[manifest?.name ?? ''];
  if (manifest === undefined || arrows === undefined) {
    return { offences: [`${file.path}:1: the plan draws no package '${folder}'`], reached };
  }
  const declared = new Set(
    [manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies].flatMap(
      (group) => Object.keys(group ?? {}),
    ),
  );
  const nodeOnly = plan.portable[manifest.name];

  for (const { line, specifier } of file.imports) {
    const refuse = (reason: string) => offences.push(`${file.path}:${line}: ${reason}`);

    if (specifier === undefined) {
      refuse('a computed import hides what is imported: write the name as a string');
    } else if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(file.path), specifier);
      if (!target.startsWith(`${home}/`)) {
        refuse(`the relative import '${specifier}' leaves the package`);
      } else if (files.has(target)) {
        reached.push(target);
      } else if (target !== `${home}/package.json`) {
        refuse(`the relative import '${specifier}' names no source file: write it with its .ts`);
      }
    } else if (specifier.startsWith('#')) {
      const targets = leaves(manifest.imports?.[specifier]).map((target) =>
        posix.join(home, target.replace('./dist/', './src/').replace(/\.js$/, '.ts')),
      );
      if (targets.length === 0) refuse(`${manifest.name} does not declare '${specifier}'`);
      reached.push(...targets.filter((target) => files.has(target)));
    } else if (isNode(specifier)) {
      if (!specifier.startsWith('node:')) {
        refuse(`the builtin '${specifier}' is written 'node:${specifier}'`);
      }
      if (nodeOnly && !nodeOnly.includes(posix.relative(`${home}/src`, file.path))) {
        refuse(`'${specifier}' exists in Node alone, and this file is not on the Node-only list`);
      }
    } else {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (name in plan.arrows) {
        if (!arrows.includes(name)) {
          refuse(`${manifest.name} may not import ${name}: the design draws no such arrow`);
        }
      } else if (plan.bare.includes(manifest.name)) {
        refuse(`${manifest.name} may not import '${specifier}': it has no dependency at all`);
      }
      if (!declared.has(name) && !plan.joined[manifest.name]?.includes(name)) {
        refuse(`'${specifier}' is imported, but ${name} is not a dependency in package.json`);
      }
    }
  }
  return { offences, reached };
}

/** One offence per knot of files that reach each other in a circle. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const offences: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const walk = (path: string) => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      const circle = [...trail.slice(start), path].join(' -> ');
      offences.push(`${path}:1: files import each other in a circle: ${circle}`);
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const next of graph.get(path) ?? []) walk(next);
    trail.pop();
    done.add(path);
  };
  for (const path of graph.keys()) walk(path);
  return offences;
}

/** Every offence against the plan, as `file:line: the rule in words`; none when all is well. */
export function judge(house: House, plan: Plan): string[] {
  const offences: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [folder, manifest] of house.manifests) {
    if (!plan.bare.includes(manifest.name)) continue;
    for (const group of ['dependencies', 'optionalDependencies', 'peerDependencies'] as const) {
      for (const name of Object.keys(manifest[group] ?? {})) {
        offences.push(
          `packages/${folder}/package.json:1: ${manifest.name} may have no dependency, not ${name}`,
        );
      }
    }
  }
  for (const [path, text] of house.files) {
    offences.push(...names(path, plan));
    if (!readable.test(path)) continue;
    const file = readSource(path, text);
    for (const { line, message } of file.syntaxErrors) offences.push(`${path}:${line}: ${message}`);
    if (posix.basename(path) !== 'clock.ts') {
      for (const { line, what } of file.clockReads) {
        offences.push(`${path}:${line}: ${what} outside of a clock.ts: take a Clock instead`);
      }
    }
    const { offences: found, reached } = imports(file, house, plan);
    offences.push(...found);
    graph.set(path, reached);
  }
  offences.push(...cycles(graph));
  return offences;
}

/** Entries of the Node-only lists that no file needs any more. */
export function idleAllowances({ files, manifests }: House, plan: Plan): string[] {
  return [...manifests].flatMap(([folder, { name }]) =>
    (plan.portable[name] ?? []).filter((path) => {
      const full = `packages/${folder}/src/${path}`;
      const { imports: found } = readSource(full, files.get(full) ?? '');
      return !found.some(({ specifier }) => isNode(specifier ?? ''));
    }),
  );
}
