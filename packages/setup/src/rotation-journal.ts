/**
 * What a rotation has done so far, in a file beside the private key: it holds the next key, so only its
 * owner may read it. Whoever runs the rotation again goes on from there.
 */

import { open, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { SetupError } from './errors.ts';
import { replaceFile } from './replaced-file.ts';
import type { AppKind } from './specification-schema.ts';

/**
 * How far it is. Each is written once it is true; only `uploading` and `rollingBack` come before their
 * deed, because from then on nobody knows which certificate the org has.
 */
export const rotationPhases = [
  'prepared',
  'staged',
  'uploading',
  'uploaded',
  'proved',
  'settling',
  'rollingBack',
] as const;

export type RotationPhase = (typeof rotationPhases)[number];

export interface RotationState {
  version: 1;
  phase: RotationPhase;
  /** Of the org: another one has another rotation. */
  organizationId: string;
  kind: AppKind;
  /** API name. */
  app: string;
  /** When the org took the certificate, in milliseconds since 1970; 0 before. */
  uploadedAt: number;
  before: { certificatePem: string; fingerprint256: string };
  next: { certificatePem: string; fingerprint256: string; privateKeyPem: string };
}

export class RotationJournal {
  readonly file: string;

  /** @param privateKeyFile the file of the key that is rotated */
  constructor(privateKeyFile: string) {
    this.file = `${privateKeyFile}.rotation`;
  }

  /**
   * The state that was saved last; undefined when no rotation is under way.
   *
   * @throws SetupError ROTATION_JOURNAL_INVALID
   */
  async load(): Promise<RotationState | undefined> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw this.#invalid('cannot be read', error);
    }
    const state = parsed(text);
    if (typeof state !== 'object' || state === null) throw this.#invalid('is damaged');
    const { version } = state as { version?: unknown };
    if (typeof version === 'number' && version > 1) {
      throw this.#invalid(`was written by a later version of sfjwt (${version})`);
    }
    if (!isState(state)) throw this.#invalid('is damaged');
    return state;
  }

  async save(state: RotationState): Promise<void> {
    await replaceFile(this.file, `${JSON.stringify(state, undefined, 2)}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }

  /**
   * Does the work while no other process of this machine rotates the same key. Who was killed holds
   * nothing any more.
   *
   * @throws SetupError ROTATION_UNDER_WAY
   */
  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const lock = `${this.file}.lock`;
    const handle = await this.#lock(lock);
    try {
      return await work();
    } finally {
      await handle.close();
      await rm(lock, { force: true });
    }
  }

  async #lock(lock: string, tries = 2): Promise<FileHandle> {
    try {
      const handle = await open(lock, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      return handle;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
      if (tries > 1 && !isAlive(holder)) {
        await rm(lock, { force: true });
        return this.#lock(lock, tries - 1);
      }
      throw new SetupError('ROTATION_UNDER_WAY', 'Another process is rotating this key', {
        cause: error,
        hints: [`Wait for process ${holder} to end; if it is none of ours, remove ${lock}`],
      });
    }
  }

  #invalid(reason: string, cause?: unknown): SetupError {
    return new SetupError('ROTATION_JOURNAL_INVALID', `${this.file} ${reason}`, {
      cause,
      hints: [
        'It says how far a rotation is, and holds the next private key: restore it from a copy, or use the version of sfjwt that wrote it.',
        'To give that rotation up: see which certificate the app has in Setup, keep the key of that one in the key file, then remove this file.',
      ],
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Its message would quote the text, and there is a key in it.
    return undefined;
  }
}

function isState(value: object): value is RotationState {
  const state = value as Partial<Record<keyof RotationState, unknown>>;
  const texts = (part: unknown, names: readonly string[]): boolean =>
    typeof part === 'object' &&
    part !== null &&
    names.every((name) => typeof (part as Record<string, unknown>)[name] === 'string');
  return (
    state.version === 1 &&
    rotationPhases.some((phase) => phase === state.phase) &&
    (state.kind === 'externalClientApp' || state.kind === 'connectedApp') &&
    texts(state, ['organizationId', 'app']) &&
    typeof state.uploadedAt === 'number' &&
    texts(state.before, ['certificatePem', 'fingerprint256']) &&
    texts(state.next, ['certificatePem', 'fingerprint256', 'privateKeyPem'])
  );
}

function isAlive(process_: number): boolean {
  if (!Number.isInteger(process_) || process_ <= 0) return false;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive as well.
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
