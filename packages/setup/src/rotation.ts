/**
 * A new key and certificate for an app in use, without one failed call. An app holds one certificate, so
 * the overlap is made on the side of the clients: from before the swap until the org has settled, the key
 * file holds both keys, and a client of `@sfjwt/client` takes the one that works. Each step is written
 * down before the next one begins, so that whoever is killed can be followed by another.
 */

import { createPrivateKey } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, basename } from 'node:path';
import { localSigner, parsePrivateKey, systemClock } from '@sfjwt/client';
import type { Clock, Transport } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import { createCertificate } from './certificate.ts';
import { readKnownCertificate } from './certificate-match.ts';
import type { KnownCertificate } from './certificate-match.ts';
import { SetupError } from './errors.ts';
import { createKeyPair } from './key-pair.ts';
import type { KeySize } from './key-pair.ts';
import { listComponents } from './metadata/component-list.ts';
import { deploy } from './metadata/deployment.ts';
import { changedComponent } from './metadata/desired-component.ts';
import { fieldsOf, textOf } from './metadata/metadata-xml.ts';
import type { RetrievedComponent } from './metadata/package-archive.ts';
import { readComponents } from './org-reading.ts';
import { keyFingerprintOf, proveSignIn, usualSettlingMilliseconds } from './proof.ts';
import type { ProofWait } from './proof.ts';
import { replaceContents } from './replaced-file.ts';
import { RotationJournal } from './rotation-journal.ts';
import type { RotationPhase, RotationState } from './rotation-journal.ts';
import { soql } from './soql.ts';
import type { AppKind } from './specification-schema.ts';

export interface RotationOptions {
  session: AdminSession;
  kind?: AppKind;
  /** API name of the app. */
  app: string;
  /** The file that every client of the app on this machine reads. */
  privateKeyFile: string;
  /** Gets the new certificate in the end; the key file with `.crt` when left out. */
  certificateFile?: string;
  /** To prove that each key signs in. */
  loginUrl: string;
  consumerKey: string;
  username: string;
  /** Of the new key; 2048 when left out. */
  bits?: KeySize;
  /** Of the new certificate; 36500 when left out. */
  days?: number;
  subject?: string;
  /** SHA-256 of the certificate that the app should have now: anything else is not touched. */
  expectedFingerprint?: string;
  /** How long both keys stay after the swap, in milliseconds; ten minutes when left out. */
  settleMilliseconds?: number;
  /** How long the org may take to accept the new key, in milliseconds; ten minutes when left out. */
  budgetMilliseconds?: number;
  transport?: Transport;
  fetch?: (request: Request, init?: { signal?: AbortSignal }) => Promise<Response> | Response;
  clock?: Clock;
  signal?: AbortSignal | undefined;
  /** Before what leads to a phase is done, and after it is written down. */
  onPhase?: (phase: RotationPhase | 'finished', at: 'begin' | 'end') => void | Promise<void>;
  onWait?: (wait: ProofWait) => void;
}

export interface RotationOutcome {
  /**
   * `settling`: the new key is in use and the old one still beside it; run it again after `finishAt`.
   * `finished`: the old key is gone. `rolledBack`: everything is as it was.
   */
  state: 'settling' | 'finished' | 'rolledBack';
  /** Of the certificate that the app has now. */
  fingerprint256: string;
  notAfter: Date;
  /** When the old key may go, in milliseconds since 1970. */
  finishAt: number;
}

/**
 * Begins a rotation, or goes on with the one that was begun. When the new key does not sign in within
 * the budget, everything is put back.
 *
 * @throws SetupError ROTATION_ROLLED_BACK when it was put back; ROTATION_CONFLICT, ROTATION_UNDER_WAY,
 *   ROTATION_JOURNAL_INVALID, KEY_NOT_FOR_CERTIFICATE, CERTIFICATE_UNREADABLE and PROOF_FAILED before
 *   anything was changed; and as {@link deploy}, {@link proveSignIn}
 */
export async function rotateCertificate(options: RotationOptions): Promise<RotationOutcome> {
  const rotation = new Rotation(options);
  return rotation.journal.exclusively(() => rotation.run());
}

/**
 * Puts everything back as it was before the rotation that was begun. Undefined when there is none.
 *
 * @throws SetupError as {@link rotateCertificate}
 */
export async function rollBackRotation(
  options: RotationOptions,
): Promise<RotationOutcome | undefined> {
  const rotation = new Rotation(options);
  return rotation.journal.exclusively(() => rotation.runBack());
}

class Rotation {
  readonly journal: RotationJournal;
  readonly #options: RotationOptions;
  readonly #clock: Clock;
  readonly #kind: AppKind;
  /** As Login History names the app; empty before it was read. */
  #label = '';

  constructor(options: RotationOptions) {
    const { clock = systemClock, kind = 'externalClientApp', privateKeyFile } = options;
    this.#options = options;
    this.#clock = clock;
    this.#kind = kind;
    this.journal = new RotationJournal(realFile(privateKeyFile));
  }

  async run(): Promise<RotationOutcome> {
    const begun = await this.journal.load();
    if (begun === undefined) return this.#goOn(await this.#prepare());
    await this.#requireSame(begun);
    if (begun.phase === 'rollingBack') return this.#goBack(begun);
    return this.#goOn(begun);
  }

  async runBack(): Promise<RotationOutcome | undefined> {
    const begun = await this.journal.load();
    if (begun === undefined) return undefined;
    await this.#requireSame(begun);
    return this.#goBack(begun);
  }

  async #requireSame({ organizationId, app, kind }: RotationState): Promise<void> {
    const { session } = this.#options;
    const same = app === this.#options.app && kind === this.#kind;
    if (same && organizationId === (await organizationOf(session))) return;
    throw new SetupError(
      'ROTATION_CONFLICT',
      `With this key file another rotation is under way: of ${app} in the org ${organizationId}`,
      { hints: ['Finish that one first, or roll it back.'] },
    );
  }

  /** Proves what is there, makes what is new, and asks the org whether it would take it. */
  async #prepare(): Promise<RotationState> {
    const { session, app, privateKeyFile, expectedFingerprint, bits, days, subject } =
      this.#options;
    await this.#tell('prepared', 'begin');
    const component = await this.#component();
    const inOrg = certificateIn(component);
    if (inOrg === undefined) {
      throw new SetupError(
        'CERTIFICATE_UNREADABLE',
        `${app} has no certificate that could be rotated`,
        {
          hints: ['Set the app up first: sfjwt setup'],
        },
      );
    }
    if (expectedFingerprint !== undefined && expectedFingerprint !== inOrg.fingerprint256) {
      throw conflict(app, inOrg.fingerprint256);
    }
    const keyText = await this.#keyText();
    // Its refusals tell what is wrong with a key that cannot be used as it stands.
    await parsePrivateKey(keyText);
    if (fingerprintOf(keyText) !== inOrg.keyFingerprint256) {
      throw new SetupError(
        'KEY_NOT_FOR_CERTIFICATE',
        `The key of ${privateKeyFile} is not that of the certificate which ${app} has in the org`,
        { hints: ['Give the key file that signs in today; the first key in it counts.'] },
      );
    }
    await this.#prove(keyText, { changedAt: 0 });
    const pair = await createKeyPair(bits === undefined ? {} : { bits });
    const made = await createCertificate({
      privateKey: pair.privateKey,
      clock: this.#clock,
      ...(days === undefined ? {} : { days }),
      ...(subject === undefined ? {} : { subject }),
    });
    await this.#deploy(component, made.pem, { checkOnly: true });
    const state: RotationState = {
      version: 1,
      phase: 'prepared',
      organizationId: await organizationOf(session),
      kind: this.#kind,
      app,
      uploadedAt: 0,
      before: { certificatePem: inOrg.pem, fingerprint256: inOrg.fingerprint256 },
      next: {
        certificatePem: made.pem,
        fingerprint256: made.fingerprint256,
        privateKeyPem: pair.privateKeyPem,
      },
    };
    await this.#reached(state);
    return state;
  }

  async #goOn(begun: RotationState): Promise<RotationOutcome> {
    let state = begun;
    const { next } = state;
    if (state.phase === 'prepared') {
      await this.#tell('staged', 'begin');
      // The old key first: it is the one that works.
      await this.#writeKeys(await this.#oldKeys(next.privateKeyPem), next.privateKeyPem);
      state = await this.#reached({ ...state, phase: 'staged' });
    }
    if (state.phase === 'staged') {
      await this.#tell('uploading', 'begin');
      state = await this.#reached({ ...state, phase: 'uploading' });
    }
    try {
      if (state.phase === 'uploading') {
        await this.#tell('uploaded', 'begin');
        await this.#bring(next, state);
        state = await this.#reached({ ...state, phase: 'uploaded', uploadedAt: this.#clock.now() });
      }
      if (state.phase === 'uploaded') {
        await this.#tell('proved', 'begin');
        await this.#prove(next.privateKeyPem, { changedAt: state.uploadedAt });
        state = await this.#reached({ ...state, phase: 'proved' });
      }
    } catch (error) {
      throw await this.#putBack(state, error);
    }
    if (state.phase === 'proved') {
      await this.#tell('settling', 'begin');
      const old = await this.#oldKeys(next.privateKeyPem);
      await this.#writeKeys(next.privateKeyPem, old);
      await this.#writeCertificate(next.certificatePem);
      state = await this.#reached({ ...state, phase: 'settling' });
    }
    return this.#finish(state);
  }

  /** Until every server of Salesforce has the new certificate, the old key is still of use. */
  async #finish(state: RotationState): Promise<RotationOutcome> {
    const { settleMilliseconds = usualSettlingMilliseconds } = this.#options;
    const finishAt = state.uploadedAt + settleMilliseconds;
    if (this.#clock.now() < finishAt) return outcome('settling', state.next, finishAt);
    await this.#tell('finished', 'begin');
    await this.#writeKeys(state.next.privateKeyPem);
    await this.journal.remove();
    await this.#tell('finished', 'end');
    return outcome('finished', state.next, finishAt);
  }

  /** What did not work is undone at once; whoever pressed Ctrl-C may go on later. */
  async #putBack(state: RotationState, cause: unknown): Promise<unknown> {
    const { signal } = this.#options;
    if (signal?.aborted === true || !(cause instanceof SetupError)) return cause;
    if (cause.code === 'ROTATION_CONFLICT' || cause.code.startsWith('ADMIN_')) return cause;
    await this.#goBack(state);
    return new SetupError('ROTATION_ROLLED_BACK', `Everything is as it was: ${cause.message}`, {
      cause,
      error: cause.error,
      errorDescription: cause.errorDescription,
      transient: cause.transient,
      hints: cause.hints,
    });
  }

  async #goBack(begun: RotationState): Promise<RotationOutcome> {
    const { before, next } = begun;
    await this.#tell('rollingBack', 'begin');
    const state = await this.#reached({ ...begun, phase: 'rollingBack' });
    const old = await this.#oldKeys(next.privateKeyPem);
    // Both until the old certificate is back and works; the old one first again.
    await this.#writeKeys(old, next.privateKeyPem);
    const swapped = await this.#bring(before, state);
    await this.#prove(old, { changedAt: swapped ? this.#clock.now() : 0 });
    await this.#writeKeys(old);
    await this.#writeCertificate(before.certificatePem);
    await this.journal.remove();
    await this.#tell('finished', 'end');
    return outcome('rolledBack', before, this.#clock.now());
  }

  /** Sees to it that the app has this certificate, unless somebody gave it a third one. */
  async #bring(wanted: RotationState['before'], { before, next }: RotationState): Promise<boolean> {
    const { app } = this.#options;
    const component = await this.#component();
    const has = certificateIn(component)?.fingerprint256;
    if (has === wanted.fingerprint256) return false;
    if (has !== before.fingerprint256 && has !== next.fingerprint256) throw conflict(app, has);
    await this.#deploy(component, wanted.certificatePem, {});
    const after = certificateIn(await this.#component())?.fingerprint256;
    if (after === wanted.fingerprint256) return true;
    throw new SetupError(
      'NOT_AS_DEPLOYED',
      `The org took the certificate, and ${app} does not have it`,
      {
        hints: [
          'Orgs have been seen to drop a certificate at its first upload: run the command again.',
        ],
      },
    );
  }

  async #component(): Promise<RetrievedComponent> {
    const { session, app, signal } = this.#options;
    const types =
      this.#kind === 'connectedApp'
        ? (['ConnectedApp'] as const)
        : (['ExternalClientApplication', 'ExtlClntAppGlobalOauthSettings'] as const);
    const listed = await listComponents(session, types);
    const patience = { clock: this.#clock, signal };
    const found = await readComponents(
      session,
      { kind: this.#kind, apiName: app },
      listed,
      patience,
    );
    const [head, settings] =
      this.#kind === 'connectedApp'
        ? (['ConnectedApp', 'ConnectedApp'] as const)
        : (['ExternalClientApplication', 'ExtlClntAppGlobalOauthSettings'] as const);
    this.#label = textOf(found.get(head)?.fields, 'label') || app;
    const component = found.get(settings);
    if (component !== undefined) return component;
    throw new SetupError(
      'CERTIFICATE_UNREADABLE',
      `The org has no app ${app} with OAuth settings`,
      {
        hints: ['Check its API name and its kind: sfjwt setup inventory lists all.'],
      },
    );
  }

  /** No key of the app is in it, and nothing else of it changes. */
  async #deploy(
    component: RetrievedComponent,
    certificatePem: string,
    { checkOnly = false }: { checkOnly?: boolean },
  ): Promise<void> {
    const { session, signal } = this.#options;
    const field = this.#kind === 'connectedApp' ? 'oauthConfig.certificate' : 'certificate';
    const { type, fullName, fields } = component;
    const always = { [field]: certificatePem };
    const changed = changedComponent({ type, fullName, always, initially: {} }, fields);
    await deploy(session, { components: [changed] }, { clock: this.#clock, signal, checkOnly });
  }

  async #prove(keyPem: string, { changedAt }: { changedAt: number }): Promise<void> {
    const { loginUrl, consumerKey, username, budgetMilliseconds, transport, fetch, onWait } =
      this.#options;
    if (this.#label === '') await this.#component();
    await proveSignIn({
      loginUrl,
      consumerKey,
      username,
      appName: this.#label,
      changedAt,
      signer: localSigner(await parsePrivateKey(keyPem)),
      clock: this.#clock,
      signal: this.#options.signal,
      ...(budgetMilliseconds === undefined ? {} : { budgetMilliseconds }),
      ...(transport === undefined ? {} : { transport }),
      ...(fetch === undefined ? {} : { fetch }),
      ...(onWait === undefined ? {} : { onWait }),
    });
  }

  #keyText(): Promise<string> {
    return readFile(this.#options.privateKeyFile, 'utf8').catch((cause: unknown) => {
      throw new SetupError('FILE_UNREADABLE', `${this.#options.privateKeyFile} cannot be read`, {
        cause,
        hints: ['Check the path, that it is a file, and that this user may read it.'],
      });
    });
  }

  /** What was in the key file before: all but the next key, wherever it stands. */
  async #oldKeys(nextPem: string): Promise<string> {
    return (await this.#keyText()).replace(nextPem, '');
  }

  async #writeKeys(...pems: readonly string[]): Promise<void> {
    const lines = pems.map((pem) => (pem.endsWith('\n') ? pem : `${pem}\n`));
    await replaceContents(this.#options.privateKeyFile, lines.join(''), 0o600);
  }

  async #writeCertificate(pem: string): Promise<void> {
    const { privateKeyFile, certificateFile = certificateBeside(privateKeyFile) } = this.#options;
    await replaceContents(certificateFile, pem, 0o644);
  }

  async #reached(state: RotationState): Promise<RotationState> {
    await this.journal.save(state);
    await this.#tell(state.phase, 'end');
    return state;
  }

  async #tell(phase: RotationPhase | 'finished', at: 'begin' | 'end'): Promise<void> {
    if (at === 'begin' && phase !== 'rollingBack') this.#options.signal?.throwIfAborted();
    await this.#options.onPhase?.(phase, at);
  }
}

/** Undefined of a text that only the client can mend: a rotation writes to it, and so must not. */
function fingerprintOf(keyText: string): string | undefined {
  try {
    return keyFingerprintOf(createPrivateKey(keyText));
  } catch {
    return undefined;
  }
}

function certificateIn({ type, fields }: RetrievedComponent): KnownCertificate | undefined {
  const place = type === 'ConnectedApp' ? fieldsOf(fields, 'oauthConfig') : fields;
  return readKnownCertificate(textOf(place, 'certificate'));
}

async function organizationOf(session: AdminSession): Promise<string> {
  const [row] = await session.query<{ Id: string }>(soql`SELECT Id FROM Organization`);
  return row?.Id ?? '';
}

/** By whatever name it is called, one key has one journal and one lock. */
function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function certificateBeside(privateKeyFile: string): string {
  const name = basename(privateKeyFile, extname(privateKeyFile));
  return join(dirname(privateKeyFile), `${name}.crt`);
}

function outcome(
  state: RotationOutcome['state'],
  { certificatePem, fingerprint256 }: RotationState['before'],
  finishAt: number,
): RotationOutcome {
  const notAfter = readKnownCertificate(certificatePem)?.notAfter ?? new Date(0);
  return { state, fingerprint256, notAfter, finishAt };
}

function conflict(app: string, has: string | undefined): SetupError {
  return new SetupError(
    'ROTATION_CONFLICT',
    `${app} has a certificate that was not expected: ${has ?? 'none that can be read'}`,
    {
      hints: [
        'Somebody else changed it: Setup > View Setup Audit Trail says who. Nothing of theirs was overwritten.',
      ],
    },
  );
}
