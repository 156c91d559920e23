/**
 * Who may steer an org: programs on this machine. What must not is a page in a browser, whatever
 * site it comes from. (The socket itself answers to loopback names alone, so no site can pass for
 * this machine.)
 */

import { ControlError } from './control-error.ts';

/** A snapshot is the largest thing that comes in. */
const maximumBodyBytes = 64 * 1024 * 1024;

/** @throws ControlError CROSS_SITE (403), UNSUPPORTED_MEDIA_TYPE (415) */
export function refusePages(request: Request): void {
  // Browsers send these of themselves, and scripts cannot change them.
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site') ?? 'none';
  const own = new URL(request.url).origin;
  if ((origin !== null && origin !== own) || (site !== 'none' && site !== 'same-origin')) {
    throw new ControlError(403, 'CROSS_SITE', 'A page of another site may not steer this org');
  }
  if (request.method === 'GET' || request.method === 'HEAD') return;
  // A form can send other types to any site without asking; this one a browser asks about first,
  // and no answer of ours allows it.
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new ControlError(415, 'UNSUPPORTED_MEDIA_TYPE', 'What changes the org is sent as JSON', [
      'Set the header content-type: application/json, also where there is no body.',
    ]);
  }
}

/**
 * The JSON of the body; an empty object when there is none.
 *
 * @throws ControlError BODY_TOO_LARGE (413), BODY_INVALID (400)
 */
export async function readBody(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maximumBodyBytes) {
      throw new ControlError(413, 'BODY_TOO_LARGE', 'The body has more than 64 MB');
    }
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ControlError(400, 'BODY_INVALID', 'The body is not JSON');
  }
}
