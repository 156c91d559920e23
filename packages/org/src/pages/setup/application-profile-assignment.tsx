import { AssignmentForm } from './assignment-form.tsx';
import { appPath, paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

/** Application Profile Assignment, behind Manage Profiles. */
function show(call: SetupCall): Response {
  const { clientApps, profiles } = call.context;
  const app = clientApps.getById(call.parameters['id'] ?? '');
  const assigned = clientApps.assigned(app);
  return setupPage(
    call,
    {
      title: 'Application Profile Assignment',
      lead: 'Users with a profile that is checked are pre-authorized to use the app.',
      section: paths.appManager,
      crumbs: [{ label: app.name, href: appPath(app.id, 'manage') }],
    },
    <AssignmentForm
      call={call}
      title="Profiles"
      cancel={appPath(app.id, 'manage')}
      whenEmpty="Make a profile first."
      choices={profiles.list().map(({ id, name, permissionSetId }) => ({
        id,
        label: name,
        isAssigned: assigned.has(permissionSetId),
      }))}
    />,
  );
}

function save({ context, form, parameters }: SetupPost): Response {
  const { clientApps, profiles, database } = context;
  const app = clientApps.getById(parameters['id'] ?? '');
  const checked = form.all('assigned');
  database.transaction(() => {
    for (const profile of profiles.list()) {
      if (checked.includes(profile.id)) clientApps.assignProfile(app, profile);
      else clientApps.removeProfile(app, profile);
    }
  });
  return seeOther(`${appPath(app.id, 'manage')}?saved`);
}

const path = appPath(':id', 'profiles');

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path, handle: show },
  { method: 'POST', path, handle: save },
];
