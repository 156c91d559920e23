import { inspect } from 'node:util';
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
}

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

  constructor(fields: AccessTokenFields) {
    this.#value = fields.value;
    this.instanceUrl = fields.instanceUrl;
    this.scopes = fields.scopes;
    this.organizationId = fields.organizationId;
    this.userId = fields.userId;
    this.identityUrl = fields.identityUrl;
    this.receivedAt = fields.receivedAt;
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

  toJSON(): object {
    const { instanceUrl, scopes, organizationId, userId, identityUrl, receivedAt } = this;
    return { value: hidden, instanceUrl, scopes, organizationId, userId, identityUrl, receivedAt };
  }

  [inspect.custom](): string {
    return `AccessToken ${inspect(this.toJSON())}`;
  }
}
