import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { BrokerError } from '../errors.ts';

/** One thing that a caller asked for. Nothing of it is secret: queries and bodies are left out. */
export interface AuditEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Tells the lines of one request together. */
  readonly request: number;
  readonly event: 'granted' | 'refused' | 'answered';
  readonly door: string;
  /** Undefined as long as nobody knows who it is. */
  readonly caller?: string | undefined;
  readonly action: string;
  readonly profile?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly milliseconds?: number | undefined;
}

export interface AuditLog {
  /**
   * Returns when the line is with the operating system.
   *
   * @throws when it cannot be written: what is not recorded is not granted
   */
  write(entry: AuditEntry): void;
  /** Opens the file anew, after it was moved away by a rotation of logs. */
  reopen(): void;
  close(): void;
}

/**
 * JSON lines at the end of a file, which is made with mode 0600.
 *
 * @throws BrokerError AUDIT_LOG_UNAVAILABLE
 */
export function fileAuditLog(file: string): AuditLog {
  let descriptor = open(file);
  /** A line that was cut off by a full disk is ended before the next one begins. */
  let torn = false;
  return {
    write(entry) {
      const line = Buffer.from(`${torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
      const written = writeSync(descriptor, line);
      torn = written !== line.length;
      if (torn) throw new Error(`only ${written} of ${line.length} bytes were written`);
    },
    reopen() {
      const next = open(file);
      closeSync(descriptor);
      descriptor = next;
    },
    close: () => closeSync(descriptor),
  };
}

function open(file: string): number {
  try {
    const descriptor = openSync(file, 'a', 0o600);
    if (fstatSync(descriptor).isDirectory()) throw new Error('it is a folder');
    return descriptor;
  } catch (cause) {
    throw new BrokerError('AUDIT_LOG_UNAVAILABLE', `The audit log ${file} cannot be written`, {
      cause,
      hints: ['Check that its folder is there, and that this user may write into it.'],
    });
  }
}
