/** Settings, ExternalClientApp: the switches of the org for external client apps. */

import {
  changeOrgSettings,
  externalClientAppSettings as switches,
  orgSettings,
} from '../directory/organization.ts';
import { flagOf } from './component.ts';
import { DeployProblem } from './deploy-problem.ts';
import { requireAny, sameName } from './component-store.ts';
import type { ComponentStore } from './component-store.ts';
import { metadataTypes } from './metadata-type.ts';

const type = metadataTypes.externalClientAppSettings;
const settingsName = 'ExternalClientApp';

export const externalClientAppSettings: ComponentStore = {
  type,
  list: () => [
    {
      fullName: settingsName,
      id: '',
      createdById: undefined,
      created: 0,
      modifiedById: undefined,
      modified: 0,
    },
  ],
  read(fullName, { context }) {
    if (!sameName(fullName, settingsName)) return undefined;
    return { ...orgSettings(context.database).externalClientApps };
  },
  deploy(fullName, fields, call) {
    if (!sameName(fullName, settingsName)) {
      throw new DeployProblem('settingsName', settingsName);
    }
    requireAny(call, 'CustomizeApplication');
    const { context, directory } = call;
    const before = orgSettings(context.database).externalClientApps;
    const change = Object.fromEntries(
      switches.flatMap((name) => {
        const value = flagOf(fields, name);
        return value === undefined || value === before[name] ? [] : [[name, value]];
      }),
    );
    if (Object.keys(change).length === 0) return { id: '', change: 'unchanged' };
    changeOrgSettings(directory.records, context.organization, { externalClientApps: change });
    return { id: '', change: 'changed' };
  },
  delete() {
    throw new DeployProblem('undeletable', type.name);
  },
};
