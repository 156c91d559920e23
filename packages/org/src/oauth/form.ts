import { Refusal } from './oauth-error.ts';

/** An assertion with a 4096-bit signature is below 2 KB; Salesforce's own limit is not known. */
const maximumFormBytes = 64 * 1024;

/**
 * The parameters of a form post. A body of any other content type is not read: then there are no
 * parameters, as in Salesforce, which reports a missing grant type.
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    return new URLSearchParams();
  }
  return new URLSearchParams(await readBounded(request));
}

async function readBounded(request: Request): Promise<string> {
  const tooLarge = new Refusal({
    error: 'invalid_request',
    description: 'request body too large',
    status: 413,
    loginStatus: 'Failed: Request Too Large',
  });
  if (Number(request.headers.get('content-length') ?? 0) > maximumFormBytes) throw tooLarge;
  // A body without a declared length is counted while it comes in.
  if (request.headers.has('content-length')) return request.text();
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > maximumFormBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
