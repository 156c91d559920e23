/** One deployment: what is in a zip becomes what is in the org, component by component. */

import { OrgError } from '../org-error.ts';
import { ArchiveError, readArchive } from './archive.ts';
import type { Archive } from './archive.ts';
import { readComponent } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import { sameName } from './component-store.ts';
import type { ComponentStore, MetadataCall } from './component-store.ts';
import { componentStores, storeOf } from './component-stores.ts';
import { readManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/** DeployOptions of the Metadata API Developer Guide. */
export interface DeployOptions {
  allowMissingFiles: boolean;
  autoUpdatePackage: boolean;
  checkOnly: boolean;
  ignoreWarnings: boolean;
  performRetrieve: boolean;
  purgeOnDelete: boolean;
  rollbackOnError: boolean;
  runTests: readonly string[];
  singlePackage: boolean;
  testLevel: string | undefined;
}

/** What became of one component, as the API tells it. */
export interface DeployMessage {
  changed: boolean;
  componentType: string;
  created: boolean;
  /** ISO 8601 */
  createdDate: string;
  deleted: boolean;
  fileName: string;
  fullName: string;
  id?: string;
  problem?: string;
  problemType?: 'Error' | 'Warning';
  success: boolean;
}

export interface DeployOutcome {
  status: 'Succeeded' | 'SucceededPartial' | 'Failed';
  messages: readonly DeployMessage[];
  /** Of a deployment that failed as a whole. */
  errorStatusCode?: string;
  errorMessage?: string;
  numberFiles: number;
}

/** Undoes everything that a deployment did. */
class Undone extends Error {}

interface Step {
  fileName: string;
  fullName: string;
  store: ComponentStore;
  run: () => { id: string; change: 'created' | 'changed' | 'unchanged' | 'deleted' };
}

/** Never throws for anything that is in the zip: it is told in the outcome. */
export function runDeployment(
  zip: Uint8Array,
  options: DeployOptions,
  call: MetadataCall,
): DeployOutcome {
  let archive: Archive;
  try {
    archive = readArchive(zip);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return {
      status: 'Failed',
      messages: [],
      errorStatusCode: error.statusCode,
      errorMessage: error.message,
      numberFiles: 0,
    };
  }
  const numberFiles = archive.size;
  const createdDate = new Date(call.context.clock.now()).toISOString();
  const { steps, problems } = plan(archive, options, call, createdDate);
  const { context } = call;
  const messages: DeployMessage[] = [...problems];
  try {
    context.database.transaction(() => {
      for (const step of steps) messages.push(runStep(step, createdDate));
      const isFailed = messages.some(({ success }) => !success);
      if (options.checkOnly || (isFailed && options.rollbackOnError)) throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
    // Ids that were reserved within what never was.
    context.records.forgetReservations();
  }
  const failures = messages.filter(({ success }) => !success).length;
  const isAllOrNone = options.rollbackOnError || failures === messages.length;
  const status = failures === 0 ? 'Succeeded' : isAllOrNone ? 'Failed' : 'SucceededPartial';
  return { status, messages, numberFiles };
}

function runStep({ fileName, fullName, store, run }: Step, createdDate: string): DeployMessage {
  const message = {
    changed: false,
    componentType: store.type.name,
    created: false,
    createdDate,
    deleted: false,
    fileName,
    fullName,
  };
  try {
    const { id, change } = run();
    return {
      ...message,
      changed: change === 'changed' || change === 'created',
      created: change === 'created',
      deleted: change === 'deleted',
      ...(id === '' ? {} : { id }),
      success: true,
    };
  } catch (error) {
    // What no rule above has caught, the org itself refuses, as on a page of Setup.
    const refusal = error instanceof OrgError ? new DeployProblem('details', error.message) : error;
    if (!(refusal instanceof DeployProblem)) throw error;
    const { problemType, message: problem } = refusal;
    return { ...message, problem, problemType, success: problemType === 'Warning' };
  }
}

interface Plan {
  steps: readonly Step[];
  /** Of the package as a whole: they fail it, whatever becomes of its components. */
  problems: readonly DeployMessage[];
}

function plan(
  archive: Archive,
  options: DeployOptions,
  call: MetadataCall,
  createdDate: string,
): Plan {
  const problems: DeployMessage[] = [];
  const complain: Complain = (fileName, { message: problem }, componentType = '') => {
    problems.push({
      changed: false,
      componentType,
      created: false,
      createdDate,
      deleted: false,
      fileName,
      fullName: fileName.replace(/^.*\//, ''),
      problem,
      problemType: 'Error',
      success: false,
    });
  };
  const roots = packageRoots(archive, options.singlePackage);
  if (roots.length === 0) {
    complain('package.xml', new DeployProblem('noManifest'));
    return { steps: [], problems };
  }
  const before: Step[] = [];
  const additions: Step[] = [];
  const after: Step[] = [];
  for (const root of roots) {
    const read = (name: string): Manifest | undefined => {
      const file = archive.get(root + name);
      if (file === undefined) return undefined;
      try {
        return readManifest(file);
      } catch (error) {
        if (!(error instanceof DeployProblem)) throw error;
        complain(root + name, error);
        return undefined;
      }
    };
    const manifest = read('package.xml');
    if (manifest === undefined) continue;
    additions.push(...readPackage({ archive, root, manifest, options, call, complain }));
    for (const [name, steps] of [
      ['destructiveChanges.xml', before],
      ['destructiveChangesPre.xml', before],
      ['destructiveChangesPost.xml', after],
    ] as const) {
      const destructive = read(name);
      if (destructive !== undefined) {
        steps.push(...deletions(destructive, root + name, call, complain));
      }
    }
  }
  additions.sort((a, b) => orderOf(a) - orderOf(b));
  return { steps: [...before, ...additions, ...after], problems };
}

/**
 * Folders with a package.xml: the top, or the folders below it. Salesforce CLI and Ant send the
 * first, a retrieve of `unpackaged` gives the second.
 */
function packageRoots(archive: Archive, singlePackage: boolean): string[] {
  const names = [...archive.keys()];
  if (singlePackage && archive.has('package.xml')) return [''];
  const folders = names.flatMap((name) => /^([^/]+\/)package\.xml$/.exec(name)?.[1] ?? []);
  if (folders.length > 0 && (!singlePackage || folders.length === 1)) return folders;
  return archive.has('package.xml') ? [''] : [];
}

interface PackageReading {
  archive: Archive;
  root: string;
  manifest: Manifest;
  options: DeployOptions;
  call: MetadataCall;
  complain: Complain;
}

/** Notes what is wrong with the package as a whole. */
type Complain = (fileName: string, problem: DeployProblem, componentType?: string) => void;

/** The files of a package, each of which its manifest has to name. */
function readPackage({ archive, root, manifest, options, call, complain }: PackageReading): Step[] {
  const steps: Step[] = [];
  for (const typeName of manifest.types.keys()) {
    if (storeOf(typeName) === undefined) {
      complain(`${root}package.xml`, new DeployProblem('unknownType', shortened(typeName)));
    }
  }
  for (const [path, file] of archive) {
    if (!path.startsWith(root)) continue;
    const name = path.slice(root.length);
    if (/^(?:package|destructiveChanges(?:Pre|Post)?)\.xml$/.test(name) || isJunk(name)) continue;
    const store = componentStores.find(
      ({ type }) => name.startsWith(`${type.directory}/`) && name.endsWith(`.${type.suffix}`),
    );
    const fullName =
      store === undefined
        ? name
        : name.slice(store.type.directory.length + 1, -(store.type.suffix.length + 1));
    const members = store === undefined ? [] : (manifest.types.get(store.type.name) ?? []);
    if (store === undefined || !members.some((one) => one === '*' || sameName(one, fullName))) {
      if (options.autoUpdatePackage && store !== undefined) {
        steps.push(addition(store, path, fullName, file, call));
      } else complain(path, new DeployProblem('notInManifest'), store?.type.name);
      continue;
    }
    steps.push(addition(store, path, fullName, file, call));
  }
  if (!options.allowMissingFiles) {
    for (const [typeName, members] of manifest.types) {
      const store = storeOf(typeName);
      for (const member of store === undefined ? [] : members) {
        const isThere = steps.some(
          (step) => step.store === store && sameName(step.fullName, member),
        );
        if (member !== '*' && !isThere) {
          complain(
            `${root}package.xml`,
            new DeployProblem('notInArchive', shortened(member), typeName),
          );
        }
      }
    }
  }
  return steps;
}

/** What zip tools of some systems add. */
const isJunk = (name: string): boolean => /(?:^|\/)(?:\.DS_Store|__MACOSX\/|Thumbs\.db)/.test(name);

function addition(
  store: ComponentStore,
  fileName: string,
  fullName: string,
  file: Uint8Array,
  call: MetadataCall,
): Step {
  return {
    fileName,
    fullName,
    store,
    run: () => {
      const fields: ComponentFields = readComponent(store.type, file);
      return store.deploy(fullName, fields, call);
    },
  };
}

function deletions(
  { types }: Manifest,
  fileName: string,
  call: MetadataCall,
  complain: Complain,
): Step[] {
  const steps: Step[] = [];
  for (const [typeName, members] of types) {
    const store = storeOf(typeName);
    if (store === undefined) {
      complain(fileName, new DeployProblem('unknownType', shortened(typeName)));
      continue;
    }
    for (const fullName of members) {
      if (fullName === '*') {
        complain(fileName, new DeployProblem('wildcardDeletion', fileName));
        continue;
      }
      steps.push({
        fileName,
        fullName,
        store,
        run: () => ({ id: store.delete(fullName, call).id, change: 'deleted' }),
      });
    }
  }
  // What depends on others goes first.
  return steps.toSorted((a, b) => orderOf(b) - orderOf(a));
}

function orderOf({ store }: Step): number {
  return componentStores.indexOf(store);
}
