import type { IncomingMessage } from 'node:http';

/** The first part of a body, taken out of its stream, which stays open for the rest. */
export interface Beginning {
  readonly bytes: Buffer;
  /** Whether that is all of it. */
  readonly whole: boolean;
}

export async function readBeginning(message: IncomingMessage, limit: number): Promise<Beginning> {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    // By hand: an iterator would close the stream when it is left.
    const chunk = message.read() as Buffer | null;
    if (chunk !== null) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) return { bytes: Buffer.concat(chunks), whole: false };
    } else if (message.readableEnded) {
      return { bytes: Buffer.concat(chunks), whole: true };
    } else {
      await moreOf(message);
    }
  }
}

/** Until there is more to read, or no more to come. */
function moreOf(message: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      message.off('readable', go).off('end', go).off('error', done).off('close', closed);
      if (error === undefined) resolve();
      else reject(error);
    };
    const go = (): void => done();
    const closed = (): void => {
      done(message.readableEnded ? undefined : new Error('The connection was closed'));
    };
    message.on('readable', go).on('end', go).on('error', done).on('close', closed);
    if (message.destroyed) closed();
  });
}
