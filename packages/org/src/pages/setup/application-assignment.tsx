/**
 * Application Profile Assignment, behind Manage Profiles, and Application Permission Set Assignment,
 * behind Manage Permission Sets: whose users are pre-authorized. A profile is a permission set
 * underneath, so the two pages differ in words alone.
 */

import type { ClientApp } from '../../directory/client-app.ts';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Checkbox, FormEnd } from '../elements/form.tsx';
import { appPath, paths } from './navigation.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

interface Choice {
  /** Of the profile or the permission set, as the box sends it. */
  id: string;
  label: string;
  permissionSetId: string;
}

interface Assignment {
  page: 'profiles' | 'permission-sets';
  title: string;
  lead: string;
  /** What is assigned. */
  noun: string;
  whenEmpty: string;
  choices: (call: SetupCall) => Choice[];
}

const assignments: readonly Assignment[] = [
  {
    page: 'profiles',
    title: 'Application Profile Assignment',
    lead: 'Users with a profile that is checked are pre-authorized to use the app.',
    noun: 'Profiles',
    whenEmpty: 'Make a profile first.',
    choices: ({ context }) =>
      context.profiles
        .list()
        .map(({ id, name, permissionSetId }) => ({ id, label: name, permissionSetId })),
  },
  {
    page: 'permission-sets',
    title: 'Application Permission Set Assignment',
    lead: 'Users with a permission set that is checked are pre-authorized to use the app.',
    noun: 'Permission Sets',
    whenEmpty:
      'Make a permission set and assign it to the user of your integration, then come back.',
    choices: ({ context }) =>
      context.permissionSets.list().map(({ id, label }) => ({ id, label, permissionSetId: id })),
  },
];

function appOf({ context, parameters }: SetupCall): ClientApp {
  return context.clientApps.getById(parameters['id'] ?? '');
}

function show(call: SetupCall, { title, lead, noun, whenEmpty, choices }: Assignment): Response {
  const app = appOf(call);
  const assigned = call.context.clientApps.assigned(app);
  const all = choices(call);
  const back = appPath(app.id, 'manage');
  return setupPage(
    call,
    {
      title,
      lead,
      section: paths.appManager,
      crumbs: [{ label: app.name, href: back }],
    },
    <form method="post">
      <FormToken call={call} />
      <Card title={noun} isFull={all.length === 0}>
        {all.length === 0 ? (
          <EmptyState title={`This org has no ${noun.toLowerCase()}`}>{whenEmpty}</EmptyState>
        ) : (
          <fieldset>
            <legend class="hidden-text">{noun}</legend>
            {all.map(({ id, label, permissionSetId }) => (
              <Checkbox
                name="assigned"
                id={`assigned-${id}`}
                value={id}
                label={label}
                isChecked={assigned.has(permissionSetId)}
              />
            ))}
          </fieldset>
        )}
      </Card>
      <FormEnd cancel={back} />
    </form>,
  );
}

function save(call: SetupPost, { choices }: Assignment): Response {
  const { clientApps, database } = call.context;
  const app = appOf(call);
  const checked = new Set(call.form.all('assigned'));
  database.transaction(() => {
    for (const { id, permissionSetId } of choices(call)) {
      clientApps.setAccess(app, permissionSetId, checked.has(id));
    }
  });
  return seeOther(`${appPath(app.id, 'manage')}?saved`);
}

export const routes: readonly SetupRoute[] = assignments.flatMap((assignment): SetupRoute[] => {
  const path = appPath(':id', assignment.page);
  return [
    { method: 'GET', path, handle: (call) => show(call, assignment) },
    { method: 'POST', path, handle: (call) => save(call, assignment) },
  ];
});
