import { open } from 'node:fs/promises';
import { SetupError } from './errors.ts';

/** A key store of thousands of certificates is no file for one app. */
const maximumBytes: number = 1024 * 1024;

export interface BoundedFile {
  /** At most one byte more than {@link maximumBytes}. */
  contents: Buffer;
  mode: number;
}

/**
 * Reads a file that should be small.
 *
 * @throws SetupError FILE_UNREADABLE
 */
export async function readBounded(file: string): Promise<BoundedFile> {
  try {
    const handle = await open(file, 'r');
    try {
      const { mode } = await handle.stat();
      // The size that a pipe or a device tells is not to be trusted: read, and stop in time.
      const buffer = Buffer.alloc(maximumBytes + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return { contents: buffer.subarray(0, length), mode };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (/[\n\r]|BEGIN /.test(file)) throw contentsInPlaceOfPath();
    throw new SetupError('FILE_UNREADABLE', `${file} cannot be read`, {
      cause,
      hints: ['Check the path, that it is a file, and that this user may read it.'],
    });
  }
}

/** Names neither the text nor a cause, which would name it: it may be a private key. */
function contentsInPlaceOfPath(): SetupError {
  return new SetupError('FILE_UNREADABLE', 'A key itself was given where a path belongs', {
    hints: ['Give the path of the file.'],
  });
}

/** @throws SetupError FILE_TOO_LARGE */
export function refuseOversize(contents: Uint8Array, name: string): void {
  if (contents.length <= maximumBytes) return;
  throw new SetupError('FILE_TOO_LARGE', `${name} has more than ${maximumBytes} bytes`, {
    hints: ['A key or certificate has a few thousand bytes: check that this is the right file.'],
  });
}
