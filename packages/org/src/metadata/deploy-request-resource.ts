/**
 * `/services/data/vXX.0/metadata/deployRequest`: deploys over REST (Metadata API Developer Guide,
 * Deploying Using REST). There is no such resource for retrieves: they are SOAP's, as in Salesforce.
 */

import type { OrgContext } from '../org-context.ts';
import { methodNotAllowed, notFound, RestError, restResponse } from '../data/rest-error.ts';
import { largestZip } from './archive.ts';
import { deployResult, readDeployOptions } from './deploy-options.ts';
import type { DeployOptions } from './deployment.ts';
import {
  cancelDeploy,
  findRequest,
  metadataCall,
  NotValidated,
  settle,
  submitDeploy,
  submitQuickDeploy,
} from './metadata-requests.ts';

/** Who asks, for what. */
export interface RestRequest {
  request: Request;
  userId: string;
  /** Behind `metadata`. */
  path: readonly string[];
  /** `/services/data/v67.0` */
  versionUrl: string;
}

/** @throws RestError */
export async function deployRequestResource(
  { request, userId, path, versionUrl }: RestRequest,
  context: OrgContext,
): Promise<Response> {
  const [name, id, ...more] = path;
  if (name !== 'deployRequest' || more.length > 0) throw notFound();
  requireMetadataAccess(userId, context);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const tell = (requestId: string, status: number, includeDetails: boolean): Response => {
    const found = findRequest(requestId, context);
    if (found?.state.kind !== 'deploy') throw noSuchDeployment(requestId);
    const { options, validatedDeployRequestId } = found.state;
    const query = includeDetails ? '?includeDetails=true' : '';
    return restResponse(
      {
        id: found.id,
        url: `${context.url()}${versionUrl}/metadata/deployRequest/${found.id}${query}`,
        ...(validatedDeployRequestId === undefined ? {} : { validatedDeployRequestId }),
        deployOptions: options,
        deployResult: deployResult(found, includeDetails, context),
      },
      status,
    );
  };
  if (id === undefined) {
    if (method !== 'POST') throw methodNotAllowed(request.method, ['POST']);
    const requestId = await submitted(request, userId, context);
    const answer = tell(requestId, 201, false);
    // Told as waiting, whatever time it takes.
    settle(context);
    return answer;
  }
  if (method === 'GET') {
    return tell(id, 200, new URL(request.url).searchParams.get('includeDetails') === 'true');
  }
  if (method !== 'PATCH') throw methodNotAllowed(request.method, ['HEAD', 'GET', 'PATCH']);
  requireCanceling(await readJsonObject(request));
  if (findRequest(id, context)?.state.kind !== 'deploy') throw noSuchDeployment(id);
  if (!cancelDeploy(id, userId, context)) {
    throw new RestError(
      400,
      'INVALID_OPERATION',
      'Deployment is already completed and cannot be canceled',
    );
  }
  return tell(id, 202, false);
}

/** @throws RestError 403 INSUFFICIENT_ACCESS */
function requireMetadataAccess(userId: string, context: OrgContext): void {
  const { permissions } = metadataCall(userId, context);
  if (permissions.has('ModifyAllData') || permissions.has('ModifyMetadata')) return;
  throw new RestError(403, 'INSUFFICIENT_ACCESS', metadataAccessRefused);
}

/** Seen in public reports of the SOAP API, where it is the text of the fault. */
export const metadataAccessRefused =
  'use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions';

function noSuchDeployment(id: string): RestError {
  return new RestError(
    404,
    'INVALID_CROSS_REFERENCE_KEY',
    `invalid cross reference id: ${id.slice(0, 40)}`,
  );
}

async function submitted(request: Request, userId: string, context: OrgContext): Promise<string> {
  const type = request.headers.get('content-type') ?? '';
  if (/^application\/json\b/i.test(type)) {
    const { validatedDeployRequestId } = await readJsonObject(request);
    if (typeof validatedDeployRequestId !== 'string') {
      throw new RestError(
        400,
        'MISSING_ARGUMENT',
        'Missing required argument: validatedDeployRequestId',
      );
    }
    try {
      return submitQuickDeploy(validatedDeployRequestId, userId, context);
    } catch (error) {
      if (!(error instanceof NotValidated)) throw error;
      throw new RestError(400, 'INVALID_ID_FIELD', error.message);
    }
  }
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new RestError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'The deployment has to be multipart/form-data',
    );
  }
  const { zip, options } = await readForm(request, type);
  return submitDeploy(zip, effective(options, context), userId, context);
}

/** In a production org a deployment is all or nothing, whatever it asks for. */
export function effective(options: DeployOptions, { organization }: OrgContext): DeployOptions {
  return organization.kind === 'production' ? { ...options, rollbackOnError: true } : options;
}

interface Form {
  zip: Uint8Array;
  options: DeployOptions;
}

/** Two parts, told apart by what they are: clients differ in what they call them. */
async function readForm(request: Request, type: string): Promise<Form> {
  const body = await readBytes(request, largestZip + largestOptions);
  let form: Awaited<ReturnType<Response['formData']>>;
  try {
    form = await new Response(body as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': type },
    }).formData();
  } catch {
    throw new RestError(400, 'INVALID_MULTIPART_REQUEST', 'The multipart request is not valid');
  }
  let zip: Uint8Array | undefined;
  let json: string | undefined;
  for (const [name, part] of form.entries()) {
    const isJson =
      typeof part === 'string' || name === 'json' || /^application\/json\b/i.test(part.type);
    if (isJson) json ??= typeof part === 'string' ? part : await part.text();
    else zip ??= new Uint8Array(await part.arrayBuffer());
  }
  if (zip === undefined || zip.byteLength === 0) {
    throw new RestError(400, 'MISSING_ARGUMENT', 'Missing required argument: file');
  }
  if (json !== undefined && json.length > largestOptions) throw tooLarge();
  const { deployOptions, ...others } = parseObject(json ?? '{}');
  const [stranger] = Object.keys(others);
  if (stranger !== undefined) {
    throw new RestError(
      400,
      'JSON_PARSER_ERROR',
      `Unrecognized field "${stranger.slice(0, 80)}", not marked as ignorable`,
    );
  }
  return { zip, options: readDeployOptions(requireFields(deployOptions ?? {})) };
}

/** Characters of JSON, far more than options ever have. */
const largestOptions = 65_536;

function tooLarge(): RestError {
  return new RestError(
    413,
    'REQUEST_TOO_LARGE',
    'Maximum size of request reached. Maximum size of request is 52428800 bytes',
  );
}

/** @throws RestError 413 */
export async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (request.body !== null) {
    for await (const chunk of request.body) {
      bytes += chunk.byteLength;
      if (bytes > most) throw tooLarge();
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

async function readJsonObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  return parseObject(new TextDecoder().decode(await readBytes(request, largestOptions)));
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return requireFields(JSON.parse(text));
  } catch (error) {
    if (error instanceof RestError) throw error;
    throw new RestError(400, 'JSON_PARSER_ERROR', 'The JSON of the request is not valid');
  }
}

function requireFields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new RestError(400, 'JSON_PARSER_ERROR', 'An object is expected');
}

function requireCanceling({ deployResult: change }: Readonly<Record<string, unknown>>): void {
  const { status } = requireFields(change ?? {});
  if (status === 'Canceling') return;
  throw new RestError(
    400,
    'INVALID_OPERATION',
    'The status of a deployment can be changed to Canceling only',
  );
}
