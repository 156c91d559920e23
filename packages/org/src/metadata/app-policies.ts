/** ExtlClntAppConfigurablePolicies: an external client app, and its OAuth plugin, on or off. */

import { flagOf } from './component.ts';
import { DeployProblem } from './deploy-problem.ts';
import { requireAny, requireDeveloperName } from './component-store.ts';
import type { ComponentStore } from './component-store.ts';
import { metadataTypes } from './metadata-type.ts';
import {
  appOfPart,
  change,
  findPart,
  idOfPart,
  keeping,
  keptElements,
  listParts,
  without,
} from './stored-app.ts';
import { deployed } from './external-client-application.ts';

const type = metadataTypes.policies;
const column = '_policyName';

const defaults = {
  isCanvasPluginEnabled: false,
  isMobilePluginEnabled: false,
  isNotificationPluginEnabled: false,
  isPushPluginEnabled: false,
  isSamlPluginEnabled: false,
  startPage: 'None',
};

export const appPolicies: ComponentStore = {
  type,
  list: (call) => listParts(column, call),
  read(fullName, call) {
    const one = findPart(column, fullName, call);
    if (one === undefined) return undefined;
    return {
      ...defaults,
      label: fullName,
      ...keptElements(one, type.name),
      externalClientApplication: one.app.apiName,
      isEnabled: one.app.isEnabled,
      isOauthPluginEnabled: one.app.isOauthPluginEnabled,
    };
  },
  deploy(fullName, fields, call) {
    requireAny(call, 'ExternalClientAppAdmin');
    requireDeveloperName(fullName, 'Developer Name');
    const one = appOfPart(column, fullName, fields, call);
    const isNew = call.newApps.has(one.app.id) && one.row[column] === null;
    const kept = without(fields, [
      'externalClientApplication',
      'isEnabled',
      'isOauthPluginEnabled',
    ]);
    const changed = change(
      one,
      {
        _policyName: fullName,
        _isEnabled: flagOf(fields, 'isEnabled') ?? false,
        _isOauthPluginEnabled: flagOf(fields, 'isOauthPluginEnabled') ?? false,
        ...keeping(one, type.name, { ...defaults, ...kept }),
      },
      call,
    );
    return { id: idOfPart(one, column), change: deployed(isNew, changed) };
  },
  delete() {
    throw new DeployProblem('undeletable', type.name);
  },
};
