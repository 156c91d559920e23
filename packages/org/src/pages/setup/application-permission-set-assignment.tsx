import { AssignmentForm } from './assignment-form.tsx';
import { appPath, paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

/** Application Permission Set Assignment, behind Manage Permission Sets. */
function show(call: SetupCall): Response {
  const { clientApps, permissionSets } = call.context;
  const app = clientApps.getById(call.parameters['id'] ?? '');
  const assigned = clientApps.assigned(app);
  return setupPage(
    call,
    {
      title: 'Application Permission Set Assignment',
      lead: 'Users with a permission set that is checked are pre-authorized to use the app.',
      section: paths.appManager,
      crumbs: [{ label: app.name, href: appPath(app.id, 'manage') }],
    },
    <AssignmentForm
      call={call}
      title="Permission Sets"
      cancel={appPath(app.id, 'manage')}
      whenEmpty="Make a permission set and assign it to the user of your integration, then come back."
      choices={permissionSets.list().map(({ id, label }) => ({
        id,
        label,
        isAssigned: assigned.has(id),
      }))}
    />,
  );
}

function save({ context, form, parameters }: SetupPost): Response {
  const { clientApps, permissionSets, database } = context;
  const app = clientApps.getById(parameters['id'] ?? '');
  const checked = form.all('assigned');
  database.transaction(() => {
    for (const permissionSet of permissionSets.list()) {
      if (checked.includes(permissionSet.id)) clientApps.assignPermissionSet(app, permissionSet);
      else clientApps.removePermissionSet(app, permissionSet);
    }
  });
  return seeOther(`${appPath(app.id, 'manage')}?saved`);
}

const path = appPath(':id', 'permission-sets');

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path, handle: show },
  { method: 'POST', path, handle: save },
];
