/** ExternalClientApplication: the header of an external client app. */

import { to15 } from '../store/record-id.ts';
import type { Values } from '../store/records.ts';
import { textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import {
  noneNamed,
  nothingToDelete,
  requireAny,
  requireDeveloperName,
  requireLength,
} from './component-store.ts';
import type { ComponentStore, Deployed, MetadataCall } from './component-store.ts';
import { detailColumns } from './detail-columns.ts';
import { metadataTypes } from './metadata-type.ts';
import {
  change,
  entryOf,
  findApp,
  keeping,
  keptElements,
  listApps,
  without,
} from './stored-app.ts';

const type = metadataTypes.externalClientApplication;

/** Elements that are columns of the app; all others are kept as they are. */
const headerDetails = ['description', 'contactPhone', 'logoUrl', 'iconUrl', 'infoUrl'] as const;

const ownElements = [
  ...headerDetails,
  'contactEmail',
  'distributionState',
  'label',
  'orgScopedExternalApp',
];

/** What an app has when a file does not say so. */
const defaults = { isProtected: false };

export const externalClientApplications: ComponentStore = {
  type,
  list: (call) =>
    listApps('externalClientApp', call).map((one) => entryOf(one, one.app.apiName, one.app.id)),
  read(fullName, call) {
    const one = findApp('externalClientApp', fullName, call);
    if (one === undefined) return undefined;
    const { app, row } = one;
    return {
      ...defaults,
      ...keptElements(one, type.name),
      ...Object.fromEntries(headerDetails.map((name) => [name, app[name]])),
      contactEmail: app.contactEmail,
      distributionState: String(row['_distributionState']),
      label: app.name,
      orgScopedExternalApp: orgScoped(app.apiName, call),
    };
  },
  deploy(fullName, fields, call) {
    requireAny(call, 'ExternalClientAppDeveloper');
    requireDeveloperName(fullName, 'External Client App Name');
    const values = readHeader(fullName, fields, call);
    const before = findApp('externalClientApp', fullName, call);
    const id = before?.app.id ?? create(fullName, values, call);
    const one = findApp('externalClientApp', fullName, call);
    if (one === undefined) throw nothingToDelete(type.name, fullName);
    const changed = change(
      one,
      {
        _name: values.label,
        _contactEmail: values.contactEmail,
        ...values.details,
        _distributionState: values.distributionState,
        ...keeping(one, type.name, { ...defaults, ...without(fields, ownElements) }),
      },
      call,
    );
    return { id, change: deployed(before === undefined, changed) };
  },
  delete(fullName, call) {
    requireAny(call, 'ExternalClientAppDeveloper');
    const one = findApp('externalClientApp', fullName, call);
    if (one === undefined) throw nothingToDelete(type.name, fullName);
    call.directory.clientApps.delete(one.app);
    return { id: one.app.id };
  },
};

export function deployed(isNew: boolean, changed: boolean): Deployed['change'] {
  if (isNew) return 'created';
  return changed ? 'changed' : 'unchanged';
}

const orgScoped = (apiName: string, { context }: MetadataCall): string =>
  `${to15(context.organization.id)}:${apiName}`;

interface Header {
  label: string;
  contactEmail: string;
  details: Values;
  distributionState: string;
}

function readHeader(fullName: string, fields: ComponentFields, call: MetadataCall): Header {
  const label = textOf(fields, 'label') ?? '';
  const contactEmail = textOf(fields, 'contactEmail') ?? '';
  const distributionState = textOf(fields, 'distributionState') ?? 'Local';
  requireLength(label, 'Label', 80);
  requireEmail(contactEmail);
  if (distributionState !== 'Local' && distributionState !== 'Packaged') {
    throw new DeployProblem('distribution', distributionState);
  }
  // It names one org: in a file that came from another one it is the trap it was seen to be.
  const scoped = textOf(fields, 'orgScopedExternalApp');
  if (scoped !== undefined && scoped !== orgScoped(fullName, call)) {
    throw noneNamed('orgScopedExternalApp', type.name, scoped);
  }
  return { label, contactEmail, details: detailColumns(fields, headerDetails), distributionState };
}

/** @throws DeployProblem */
export function requireEmail(address: string): void {
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) && address.length <= 255) return;
  throw new DeployProblem('email', shortened(address));
}

/** A new app has no OAuth settings: no endpoint knows it before they are deployed. */
function create(fullName: string, { label, contactEmail }: Header, call: MetadataCall): string {
  const { directory } = call;
  const taken = call.context.records.find('_ClientApp', { _apiName: fullName });
  if (taken !== undefined) {
    throw new DeployProblem(
      'duplicate',
      'DeveloperName',
      `record with id: ${to15(String(taken['Id']))}`,
    );
  }
  const app = directory.clientApps.create({
    kind: 'externalClientApp',
    name: label,
    apiName: fullName,
    contactEmail,
    isOauthEnabled: false,
    isPkceRequired: false,
  });
  directory.records.update('_ClientApp', app.id, {
    _globalOauthName: '',
    _oauthName: '',
    _deployed: call.context.clock.now(),
  });
  call.newApps.add(app.id);
  return app.id;
}
