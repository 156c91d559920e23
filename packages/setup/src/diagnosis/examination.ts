import type { X509Certificate } from 'node:crypto';
import { createTransport, systemClock } from '@sfjwt/client';
import type {
  AccessToken,
  Clock,
  ClientError,
  LoginUrl,
  NetworkOptions,
  PrivateKeyInput,
  Signer,
  Transport,
  TransportResponse,
} from '@sfjwt/client';
import type { AdminSession } from '../admin-session.ts';
import type { ForeignAssertion } from './assertion.ts';
import type { Ground, Result } from './finding.ts';
import type { OrgState } from './org-state.ts';

/** Settings as somebody gave them: any of them may be missing or wrong. */
export interface DiagnosedSettings {
  loginUrl?: string | undefined;
  clientId?: string | undefined;
  username?: string | undefined;
  audience?: string | undefined;
  /** The key itself, or what finds it. */
  privateKey?: PrivateKeyInput | (() => Promise<KeyWithPassphrase>) | undefined;
  privateKeyFile?: string | undefined;
  passphrase?: string | undefined;
  /** In place of a private key. */
  signer?: Signer | undefined;
  /** Where a setting was found, in words, when that is not plain to see. */
  from?: Partial<
    Record<'loginUrl' | 'clientId' | 'username' | 'audience' | 'privateKey', string | undefined>
  >;
}

export interface KeyWithPassphrase {
  readonly privateKey: PrivateKeyInput;
  readonly passphrase?: string;
}

/** An administrator's session, and how commands for that org are written. */
export interface AdminView {
  readonly session: AdminSession;
  /** One way to sign in as the administrator on the command line. */
  readonly by: { readonly profile: string } | { readonly sf: string } | undefined;
}

export interface DiagnosisOptions extends NetworkOptions {
  /** The certificate that was uploaded, as far as somebody knows. */
  certificateFile?: string | undefined;
  /** Somebody else's JWT, judged in place of one of our own; nothing is sent with it. */
  assertion?: string | undefined;
  /** Opened after the sign-in was tried; what it throws is told, and stops nothing. */
  admin?: (() => Promise<AdminView>) | undefined;
  /** Try other audiences when the first is refused: each is one more refused login. */
  probe?: boolean | undefined;
  /** Patience with one answer, in milliseconds; 10,000 when left out. */
  timeoutMilliseconds?: number | undefined;
  clock?: Clock | undefined;
  /** Told what is being looked at, before it is. */
  onCheck?: ((ground: Ground, check: string) => void) | undefined;
}

/** One thing that is looked at. */
export interface Check {
  readonly ground: Ground;
  /** Kebab-case, unique in a diagnosis. */
  readonly name: string;
  /** Undefined when it is none of this examination's business. */
  run(examination: Examination): Promise<readonly Result[]>;
}

/** What is known so far: each check adds to it, and builds on what those before it have found. */
export class Examination {
  readonly settings: DiagnosedSettings;
  readonly options: DiagnosisOptions;
  readonly clock: Clock;
  readonly timeoutMilliseconds: number;
  readonly transport: Transport;

  /** The key, or what stands in its place, once it is known to sign. */
  signer: Signer | undefined;
  /** The certificate of `certificateFile`. */
  certificate: X509Certificate | undefined;
  /** Somebody else's JWT, taken apart. */
  assertion: ForeignAssertion | undefined;
  loginUrl: LoginUrl | undefined;
  /** What the host said when it was first asked, or why it said nothing. */
  answer: TransportResponse | ClientError | undefined;
  /** Whether what answers is fit to be asked for a token. */
  isEndpoint = false;
  /** How far the host is ahead of this machine, in milliseconds. */
  hostAhead = 0;
  /** The certificate of the app, as the org has it. */
  certificateOfApp: X509Certificate | undefined;
  /** The session of an administrator, once it is open. */
  admin: AdminView | undefined;
  /** See org-view.ts. */
  orgView: Promise<OrgState> | undefined;
  refusal: ClientError | undefined;
  token: AccessToken | undefined;

  constructor(settings: DiagnosedSettings, options: DiagnosisOptions) {
    this.settings = settings;
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.timeoutMilliseconds = options.timeoutMilliseconds ?? 10_000;
    this.transport = createTransport({ proxy: options.proxy, ca: options.ca });
  }

  /** Which app and which user: of the settings, or of the JWT that is judged. */
  identity(): { clientId: string; username: string } {
    const { iss, sub, prn = sub } = this.assertion?.claims ?? {};
    const { clientId = iss, username = prn } = this.settings;
    const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
    return { clientId: text(clientId), username: text(username) };
  }
}
