/** The parameters of a request to an OAuth endpoint. */

/** An assertion with a 4096-bit signature is below 2 KB; Salesforce's own limit is not known. */
export const maximumBodyBytes = 64 * 1024;

/** The body of a request is larger than {@link maximumBodyBytes}; it was not read to its end. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Parameters of the query and of a form-encoded body, in this order. A body of any other content
 * type is not read: then it holds no parameters, as in Salesforce, which reports a missing grant
 * type.
 *
 * @throws BodyTooLarge
 */
export async function readParameters(request: Request): Promise<URLSearchParams> {
  const question = request.url.indexOf('?');
  const query = question === -1 ? '' : request.url.slice(question + 1);
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  if (request.method === 'GET' || type.trim().toLowerCase() !== formEncoded) {
    return new URLSearchParams(query);
  }
  const body = await readBounded(request);
  return new URLSearchParams(query === '' ? body : `${query}&${body}`);
}

const formEncoded = 'application/x-www-form-urlencoded';

async function readBounded(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maximumBodyBytes) {
    throw new BodyTooLarge();
  }
  // A body without a declared length is counted while it comes in.
  if (request.headers.has('content-length')) return request.text();
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > maximumBodyBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
