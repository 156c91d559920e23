/** `/services/Soap/m/XX.0`: the Metadata API as SOAP, which lists, reads and retrieves. */

import type { OrgContext } from '../org-context.ts';
import { RestError } from '../data/rest-error.ts';
import { requireVersion } from '../data/versions.ts';
import { isApiEnabled } from '../policies/api-enabled.ts';
import { allows } from '../policies/scopes.ts';
import { withOneSlash } from '../request-target.ts';
import { findBearer } from '../sessions/bearer.ts';
import { largestContent } from './archive.ts';
import { metadataAccessRefused, readBytes } from './deploy-request-resource.ts';
import { metadataCall, settle } from './metadata-requests.ts';
import { soapOperations } from './soap-operations.ts';
import { SoapFault } from './soap-fault.ts';
import { childOf, childText, metadataNamespace, parseXml, writeXml, XmlError } from './xml.ts';
import type { XmlElement, XmlFields } from './xml.ts';

const envelopeNamespace = 'http://schemas.xmlsoap.org/soap/envelope/';

/** A fault has status 500, as SOAP 1.1 section 6.2 wants it: clients know one by that. */
export async function answerSoap(request: Request, context: OrgContext): Promise<Response> {
  try {
    const { pathname } = new URL(request.url);
    const version = versionOf(withOneSlash(pathname));
    const { envelope, zipFile } = await readEnvelope(request);
    const body = childOf(envelope, 'Body');
    const [operation] = body?.children ?? [];
    if (envelope.name !== 'Envelope' || operation === undefined) {
      throw new SoapFault('Client', 'No operation found in the body of the envelope');
    }
    const userId = requireSession(envelope, request, context);
    context.apiUsage.count();
    const answer = Object.hasOwn(soapOperations, operation.name)
      ? soapOperations[operation.name]
      : undefined;
    if (answer === undefined) {
      throw new SoapFault(
        'Client',
        `No operation available for request {${metadataNamespace}}${operation.name.slice(0, 80)}`,
      );
    }
    const call = metadataCall(userId, context);
    if (!call.permissions.has('ModifyAllData') && !call.permissions.has('ModifyMetadata')) {
      throw new SoapFault('INSUFFICIENT_ACCESS', metadataAccessRefused);
    }
    const result = answer({ operation, call, version, zipFile });
    const response = soapResponse(200, { [`${operation.name}Response`]: { result } });
    // A deployment that takes no time is told as queued, and done before anybody asks again.
    settle(context);
    return response;
  } catch (error) {
    if (error instanceof SoapFault) return faultResponse(error);
    if (error instanceof RestError) {
      return faultResponse(new SoapFault(error.errorCode, error.message));
    }
    throw error;
  }
}

/** Such as `67.0`; behind it, a client may name the org. */
function versionOf(pathname: string): string {
  const [, version = ''] = /^\/services\/Soap\/m\/(\d+\.\d)(?:\/\w*)?$/.exec(pathname) ?? [];
  try {
    return requireVersion(`v${version}`).version;
  } catch {
    throw new SoapFault('UNSUPPORTED_API_VERSION', 'Invalid Api version specified on URL');
  }
}

/** The zip of a deployment is taken out before the rest is read: it is most of what there is. */
async function readEnvelope(
  request: Request,
): Promise<{ envelope: XmlElement; zipFile: string | undefined }> {
  const bytes = await readBytes(request, largestContent);
  let zipFile: string | undefined;
  const text = new TextDecoder()
    .decode(bytes)
    .replace(
      /(<(?:\w{1,20}:)?ZipFile>)([A-Za-z0-9+/=\s]*)(?=<\/)/,
      (_whole, start: string, content: string) => {
        zipFile = content;
        return start;
      },
    );
  try {
    return { envelope: parseXml(text), zipFile };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new SoapFault('Client', error.message);
  }
}

/**
 * SOAP knows the session of its own header alone, and none that is a JWT: those come with 68.0.
 *
 * @throws SoapFault INVALID_SESSION_ID, API_DISABLED_FOR_ORG
 */
function requireSession(envelope: XmlElement, request: Request, context: OrgContext): string {
  const header = childOf(envelope, 'Header');
  const session = header === undefined ? undefined : childOf(header, 'SessionHeader');
  const sessionId = session === undefined ? undefined : childText(session, 'sessionId');
  const bearer = findBearer(sessionId, context);
  if (
    bearer === undefined ||
    bearer.session.expires !== undefined ||
    !allows(bearer.session.scopes, 'api')
  ) {
    throw new SoapFault(
      'INVALID_SESSION_ID',
      'Invalid Session ID found in SessionHeader: Illegal Session',
    );
  }
  context.requests.noteUser(request, bearer.user.username);
  if (!isApiEnabled(bearer.user, context.database)) {
    throw new SoapFault(
      'API_DISABLED_FOR_ORG',
      'API is not enabled for this Organization or Partner',
    );
  }
  return bearer.user.id;
}

function faultResponse({ code, message }: SoapFault): Response {
  const isOurs = code !== 'Client';
  return soapResponse(500, {
    'soapenv:Fault': {
      faultcode: isOurs ? `sf:${code}` : 'soapenv:Client',
      faultstring: isOurs ? `${code}: ${message}` : message,
    },
  });
}

function soapResponse(status: number, body: XmlFields): Response {
  const envelope = {
    '@xmlns:soapenv': envelopeNamespace,
    '@xmlns:sf': metadataNamespace,
    '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    '@xmlns': metadataNamespace,
    'soapenv:Body': body,
  };
  return new Response(writeXml('soapenv:Envelope', envelope, 'wire'), {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8' },
  });
}
