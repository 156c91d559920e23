/** Zip archives byte by byte, so that they can lie: APPNOTE.TXT of PKWARE, sections 4.3.7 to 4.3.16. */

import { deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  content: string | Buffer;
  /** The size that is told; the true one when left out. */
  claimedSize?: number;
}

/** All sums are nought: a reader that checks them may refuse the archive for that. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claimedSize } of entries) {
    const plain = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    const packed = deflateRawSync(plain);
    const path = Buffer.from(name, 'utf8');
    const sizes = [packed.length, claimedSize ?? plain.length];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    // Names are UTF-8; the content is deflated.
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(sizes[0] ?? 0, 14);
    common.writeUInt32LE(sizes[1] ?? 0, 18);
    common.writeUInt16LE(path.length, 22);
    locals.push(Buffer.from('504b0304', 'hex'), common, path, packed);
    const end = Buffer.alloc(14);
    end.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('504b01021400', 'hex'), common, end, path);
    offset += 30 + path.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const last = Buffer.alloc(22);
  last.write('504b0506', 0, 'hex');
  last.writeUInt16LE(Math.min(entries.length, 0xffff), 8);
  last.writeUInt16LE(Math.min(entries.length, 0xffff), 10);
  last.writeUInt32LE(central.length, 12);
  last.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, last]);
}
