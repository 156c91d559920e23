import type { Milliseconds } from './clock.ts';

export interface AccessTokenFields {
  /** The bearer value: any opaque string, JWT-shaped ones included. */
  value: string;
  /** Origin of the org: the only place this token may be sent to. */
  instanceUrl: string;
  /** Granted scopes. */
  scopes: readonly string[];
  /** 18-character id of the org (00D...), when the answer names it. */
  organizationId: string | undefined;
  /** 18-character id of the user (005...), when the answer names it. */
  userId: string | undefined;
  /** Identity URL of the user, when the answer has one. */
  identityUrl: string | undefined;
  /** When it was received, by the clock of this process. */
  receivedAt: Milliseconds;
  /** End of life, where it is known: Salesforce sends none, introspection tells it. */
  expiresAt?: Milliseconds | undefined;
}

/** What `console.log` of Node, Bun and Deno calls, without importing anything of theirs. */
const inspection = Symbol.for('nodejs.util.inspect.custom');

const hidden = '[hidden]';

/**
 * An access token. Its value has to be asked for by name: it does not appear in
 * `JSON.stringify`, `console.log`, template strings or error reports.
 */
export class AccessToken {
  readonly #value: string;
  readonly instanceUrl: string;
  readonly scopes: readonly string[];
  readonly organizationId: string | undefined;
  readonly userId: string | undefined;
  readonly identityUrl: string | undefined;
  /** Milliseconds since 1970, by the clock of the process that received it. */
  readonly receivedAt: Milliseconds;
  /** Milliseconds since 1970; undefined as long as nobody has asked (`introspect()`). */
  readonly expiresAt: Milliseconds | undefined;

  constructor(fields: AccessTokenFields) {
    this.#value = fields.value;
    this.instanceUrl = fields.instanceUrl;
    this.scopes = fields.scopes;
    this.organizationId = fields.organizationId;
    this.userId = fields.userId;
    this.identityUrl = fields.identityUrl;
    this.receivedAt = fields.receivedAt;
    this.expiresAt = fields.expiresAt;
  }

  /** The bearer value itself. Keep it out of logs and URLs. */
  get value(): string {
    return this.#value;
  }

  /** Whether both stand for the same bearer value. */
  equals(other: AccessToken): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return `AccessToken ${hidden}`;
  }

  /** The same token, now that its end of life is known. */
  withExpiry(expiresAt: Milliseconds): AccessToken {
    return new AccessToken({ ...this.#fields(), value: this.#value, expiresAt });
  }

  toJSON(): object {
    return { value: hidden, ...this.#fields() };
  }

  #fields(): Omit<AccessTokenFields, 'value'> {
    const { instanceUrl, scopes, organizationId, userId, identityUrl, receivedAt, expiresAt } =
      this;
    return { instanceUrl, scopes, organizationId, userId, identityUrl, receivedAt, expiresAt };
  }

  [inspection](_depth: number, _options: unknown, inspect?: (value: unknown) => string): string {
    const shown = this.toJSON();
    return `AccessToken ${inspect?.(shown) ?? JSON.stringify(shown)}`;
  }
}
