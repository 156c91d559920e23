/** The zip that a deployment brings and a retrieve answers with. */

import { unzipSync, zipSync } from 'fflate';

/** Files by their path. */
export type Archive = ReadonlyMap<string, Uint8Array>;

/** A zip that cannot be taken: the message is what the deployment fails with. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly statusCode: 'INVALID_ZIP' | 'LIMIT_EXCEEDED';

  constructor(statusCode: ArchiveError['statusCode'], message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Metadata API Developer Guide, Deploy with REST: 10,000 files, 39 MB. */
const mostFiles = 10_000;
export const largestZip = 39 * 1024 * 1024;
/** All that is in it, unpacked; public reports name this as the largest request of the API. */
export const largestContent = 50 * 1024 * 1024;

/**
 * What a zip holds. Nothing of it is written anywhere, but its names are told and compared: those
 * that lead out of the archive are refused.
 *
 * @throws ArchiveError
 */
export function readArchive(zip: Uint8Array): Archive {
  if (zip.byteLength > largestZip) {
    throw new ArchiveError(
      'LIMIT_EXCEEDED',
      'Maximum size of request reached. Maximum size of request is 52428800 bytes',
    );
  }
  let files = 0;
  let bytes = 0;
  let unpacked: Record<string, Uint8Array>;
  try {
    // Sizes are those that the zip claims: no file becomes larger than its claim.
    unpacked = unzipSync(zip, {
      filter: ({ name, originalSize }) => {
        if (name.endsWith('/')) return false;
        files += 1;
        bytes += originalSize;
        if (files > mostFiles) {
          throw new ArchiveError(
            'LIMIT_EXCEEDED',
            `Maximum number of files in request reached. Maximum number of files in request is ${mostFiles}`,
          );
        }
        if (bytes > largestContent) {
          throw new ArchiveError(
            'LIMIT_EXCEEDED',
            'Maximum size of request reached. Maximum size of request is 52428800 bytes',
          );
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError('INVALID_ZIP', 'The zip file is not valid');
  }
  const archive = new Map<string, Uint8Array>();
  for (const [name, content] of Object.entries(unpacked)) {
    const parts = name.split(/[/\\]/);
    if (parts.includes('..') || parts[0] === '' || /^[a-z]:/i.test(name) || name.includes('\0')) {
      throw new ArchiveError('INVALID_ZIP', 'The zip file holds a path that leads out of it');
    }
    archive.set(name, content);
  }
  return archive;
}

/** @param instant of the files, in milliseconds since 1970 */
export function writeArchive(files: ReadonlyMap<string, string>, instant: number): Uint8Array {
  const encoder = new TextEncoder();
  // A zip tells time from 1980 to 2099.
  const mtime = Math.min(Math.max(instant, Date.UTC(1981, 0)), Date.UTC(2099, 0));
  return zipSync(
    Object.fromEntries([...files].map(([path, text]) => [path, encoder.encode(text)])),
    { mtime },
  );
}
