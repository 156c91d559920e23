/** The calls of the Metadata API over SOAP (Metadata API Developer Guide, Metadata API Calls). */

import { largestZip } from './archive.ts';
import { readElements, sorted } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import type { ComponentStore, MetadataCall } from './component-store.ts';
import { componentStores, storeOf } from './component-stores.ts';
import { deployResult, readDeployOptions } from './deploy-options.ts';
import { effective } from './deploy-request-resource.ts';
import { toManifest } from './manifest.ts';
import {
  cancelDeploy,
  findRequest,
  isDone,
  NotValidated,
  statusOf,
  submitDeploy,
  submitQuickDeploy,
  submitRetrieve,
} from './metadata-requests.ts';
import type { MetadataRequest } from './metadata-requests.ts';
import { propertiesOf } from './retrieval.ts';
import { SoapFault } from './soap-fault.ts';
import { childOf, childrenText, childText } from './xml.ts';
import type { XmlElement, XmlValue } from './xml.ts';

interface SoapCall {
  operation: XmlElement;
  call: MetadataCall;
  /** Such as `67.0`. */
  version: string;
  /** base64 */
  zipFile: string | undefined;
}

type SoapOperation = (call: SoapCall) => XmlValue;

export const soapOperations: Readonly<Record<string, SoapOperation>> = {
  describeMetadata: ({ call }) => ({
    metadataObjects: componentStores.map(({ type }) => ({
      directoryName: type.directory,
      inFolder: false,
      metaFile: false,
      suffix: type.suffix,
      xmlName: type.name,
    })),
    organizationNamespace: '',
    partialSaveAllowed: call.context.organization.kind === 'sandbox',
    testRequired: call.context.organization.kind === 'production',
  }),

  listMetadata({ operation, call }) {
    const queries = operation.children.filter(({ name }) => name === 'queries');
    if (queries.length > 3) {
      throw new SoapFault(
        'EXCEEDED_ID_LIMIT',
        'record limit reached. cannot submit more than 3 ListMetadataQuery records into this call',
      );
    }
    return queries.flatMap((query) => {
      const store = requireStore(childText(query, 'type'));
      return store.list(call).map((entry) => propertiesOf(store, entry, '', call));
    });
  },

  readMetadata({ operation, call }) {
    const store = requireStore(childText(operation, 'type'));
    return {
      records: requireFew(childrenText(operation, 'fullNames')).map((name) => {
        const entry = store
          .list(call)
          .find(({ fullName }) => fullName.toLowerCase() === name.toLowerCase());
        const fields = entry === undefined ? undefined : store.read(entry.fullName, call);
        // What is not there is an empty record.
        if (entry === undefined || fields === undefined) return { '@xsi:nil': 'true' };
        const header = { '@xsi:type': xmlType(store), fullName: entry.fullName };
        return Object.assign(header, sorted(fields));
      }),
    };
  },

  createMetadata: (soap) => save(soap, 'create'),
  updateMetadata: (soap) => save(soap, 'update'),
  upsertMetadata: (soap) => save(soap, 'upsert'),

  deleteMetadata({ operation, call }) {
    const store = requireStore(childText(operation, 'type'));
    return requireFew(childrenText(operation, 'fullNames')).map((fullName) =>
      attempt(fullName, () => {
        store.delete(fullName, call);
        return {};
      }),
    );
  },

  retrieve({ operation, call, version }) {
    const request =
      childOf(operation, 'retrieveRequest') ?? childOf(operation, 'request') ?? operation;
    if (childrenText(request, 'packageNames').length > 0) {
      throw new SoapFault(
        'INVALID_CROSS_REFERENCE_KEY',
        'No package found: packages are not part of this local org',
      );
    }
    const unpackaged = childOf(request, 'unpackaged');
    const manifest = unpackaged === undefined ? undefined : toManifest(unpackaged);
    const id = submitRetrieve(
      {
        apiVersion: manifest?.version ?? childText(request, 'apiVersion') ?? version,
        singlePackage: childText(request, 'singlePackage') === 'true',
        types: [...(manifest?.types ?? [])],
      },
      call.userId,
      call.context,
    );
    return { done: false, id, state: 'Queued' };
  },

  checkRetrieveStatus({ operation, call }) {
    const request = requireRequest(operation, 'retrieve', call);
    const { outcome } = request.state;
    const isZipWanted = childText(operation, 'includeZip') !== 'false';
    return {
      done: isDone(request),
      fileProperties: outcome?.fileProperties ?? [],
      id: request.id,
      messages: outcome?.messages ?? [],
      status: statusOf(request, call.context),
      success: outcome?.status === 'Succeeded',
      ...(outcome === undefined || !isZipWanted ? {} : { zipFile: outcome.zipFile }),
    };
  },

  deploy({ operation, call, zipFile = '' }) {
    const zip = Buffer.from(zipFile, 'base64');
    if (zip.byteLength === 0) {
      throw new SoapFault('MISSING_ARGUMENT', 'Missing required argument: ZipFile');
    }
    if (zip.byteLength > largestZip) {
      throw new SoapFault(
        'LIMIT_EXCEEDED',
        'Maximum size of request reached. Maximum size of request is 52428800 bytes',
      );
    }
    const given = childOf(operation, 'DeployOptions');
    const options = effective(readDeployOptions(fieldsOf(given)), call.context);
    const id = submitDeploy(zip, options, call.userId, call.context);
    return { done: false, id, state: 'Queued' };
  },

  checkDeployStatus({ operation, call }) {
    const request = requireRequest(operation, 'deploy', call);
    const includeDetails = childText(operation, 'includeDetails') === 'true';
    return deployResult(request, includeDetails, call.context) as XmlValue;
  },

  cancelDeploy({ operation, call }) {
    const id = childText(operation, 'String') ?? childText(operation, 'id') ?? '';
    if (!cancelDeploy(id, call.userId, call.context)) {
      throw new SoapFault(
        'INVALID_ID_FIELD',
        'Deployment is already completed and cannot be canceled',
      );
    }
    return { done: true, id };
  },

  deployRecentValidation({ operation, call }) {
    const id = childText(operation, 'validationId') ?? childText(operation, 'validationID') ?? '';
    try {
      return submitQuickDeploy(id, call.userId, call.context);
    } catch (error) {
      if (!(error instanceof NotValidated)) throw error;
      throw new SoapFault('INVALID_ID_FIELD', error.message);
    }
  },
};

/** @throws SoapFault INVALID_TYPE */
function requireStore(typeName = ''): ComponentStore {
  const store = storeOf(typeName);
  if (store !== undefined) return store;
  throw new SoapFault('INVALID_TYPE', `Unknown type:${typeName.slice(0, 80)}`);
}

/** Metadata API Developer Guide: ten components a call. */
function requireFew<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length <= 10) return items;
  throw new SoapFault(
    'EXCEEDED_ID_LIMIT',
    'record limit reached. cannot submit more than 10 records into this call',
  );
}

const xmlType = ({ type }: ComponentStore): string => type.root ?? type.name;

/** createMetadata and its like: each component on its own. */
function save({ operation, call }: SoapCall, verb: 'create' | 'update' | 'upsert'): XmlValue {
  const components = operation.children.filter(({ name }) => name === 'metadata');
  return requireFew(components).map((element) => {
    const wanted = (element.attributes['type'] ?? '').replace(/^.*:/, '');
    const store = componentStores.find((one) => xmlType(one) === wanted);
    if (store === undefined)
      throw new SoapFault('INVALID_TYPE', `Unknown type:${wanted.slice(0, 80)}`);
    const fullName =
      childText(element, 'fullName') ?? (store.type.root === undefined ? '' : 'ExternalClientApp');
    return attempt(fullName, () => {
      const isThere = store.read(fullName, call) !== undefined;
      if (verb === 'create' && isThere) {
        throw new DeployProblem('duplicate', 'DeveloperName', shortened(fullName));
      }
      if (verb === 'update' && !isThere) {
        throw new DeployProblem('reference', 'fullName', store.type.name, shortened(fullName));
      }
      const fields = readElements(store.type, element);
      call.context.database.transaction(() => store.deploy(fullName, fields, call));
      return verb === 'upsert' ? { created: !isThere } : {};
    });
  });
}

function attempt(fullName: string, work: () => object): XmlValue {
  try {
    return { ...work(), fullName, success: true };
  } catch (error) {
    if (!(error instanceof DeployProblem)) throw error;
    const statusCode = error.message.startsWith('duplicate')
      ? 'DUPLICATE_VALUE'
      : 'FIELD_INTEGRITY_EXCEPTION';
    return { errors: { message: error.message, statusCode }, fullName, success: false };
  }
}

/** @throws SoapFault INVALID_CROSS_REFERENCE_KEY */
function requireRequest<Kind extends 'deploy' | 'retrieve'>(
  operation: XmlElement,
  kind: Kind,
  { context }: MetadataCall,
): MetadataRequest<Extract<MetadataRequest['state'], { kind: Kind }>> {
  const id = childText(operation, 'asyncProcessId') ?? '';
  const request = findRequest(id, context);
  if (request !== undefined && request.state.kind === kind) {
    return request as MetadataRequest<Extract<MetadataRequest['state'], { kind: Kind }>>;
  }
  throw new SoapFault(
    'INVALID_CROSS_REFERENCE_KEY',
    `invalid cross reference id: ${id.slice(0, 40)}`,
  );
}

/** Texts of elements by their names; several of one name as a list. */
function fieldsOf(element: XmlElement | undefined): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const { name } of element?.children ?? []) {
    const texts = element === undefined ? [] : childrenText(element, name);
    fields[name] = name === 'runTests' ? texts.filter((text) => text !== '') : texts[0];
  }
  if (fields['testLevel'] === '') delete fields['testLevel'];
  return fields;
}
