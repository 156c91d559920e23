import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from './caller.ts';

/** Where a request came in. */
export interface Door {
  /** Goes into the audit log. */
  readonly name: string;
  /** Who comes through a Unix socket is who may open it; through a port, who shows a secret. */
  readonly caller: Caller | undefined;
}

/** One request of a caller, from its head to the end of its answer. */
export interface Visit {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly door: Door;
  readonly number: number;
  readonly startedAt: number;
  /** What audit log, metrics and traces tell, as far as it is known by now. */
  readonly told: { action: string; caller?: string; profile?: string; path?: string };
  /** The status of an answer that is not the broker's own, once it has been passed on. */
  passedOn?: number;
}
