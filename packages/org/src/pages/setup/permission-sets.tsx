import type { PermissionSet } from '../../directory/permission-set.ts';
import { OrgError } from '../../org-error.ts';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Checkbox, ErrorSummary, FormEnd, SelectField, TextField } from '../elements/form.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import { Table } from '../elements/table.tsx';
import { ActionButton } from './action-button.tsx';
import { appPath, paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';
import { Submission } from './submission.tsx';

const sentences = {
  created: 'The permission set was created. Assign it to users, and to apps that they may use.',
  saved: 'The permission set was saved.',
  assigned: 'The user was assigned.',
  removed: 'The assignment was removed.',
} as const;

/** In a list to choose from; more are found at the user. */
const mostChoices = 500;

const pathOf = ({ id }: PermissionSet): string => `${paths.permissionSets}/${id}`;

const newButton = (
  <a class="button primary" href={`${paths.permissionSets}/new`}>
    New
  </a>
);

/** Permission Sets: what users may do beyond their profile. */
function show(call: SetupCall): Response {
  const { permissionSets } = call.context;
  const all = permissionSets.list();
  return setupPage(
    call,
    { title: 'Permission Sets', actions: newButton },
    <Card isFull>
      {all.length === 0 ? (
        <EmptyState title="No permission sets yet" actions={newButton}>
          A permission set lets its users use an app, under Manage Permission Sets of the app.
        </EmptyState>
      ) : (
        <Table
          caption="Permission sets of this org"
          rows={all}
          columns={[
            {
              label: 'Permission Set Label',
              cell: (permissionSet) => (
                <a href={pathOf(permissionSet)}>
                  <bdi>{permissionSet.label}</bdi>
                </a>
              ),
            },
            { label: 'API Name', cell: ({ name }) => <code>{name}</code> },
            { label: 'API Enabled', cell: ({ apiEnabled }) => (apiEnabled ? 'Yes' : 'No') },
            {
              label: 'Users',
              cell: (permissionSet) => permissionSets.assignees(permissionSet).size,
            },
          ]}
        />
      )}
    </Card>,
  );
}

/** @throws OrgError NOT_FOUND: somebody may have deleted it meanwhile */
function permissionSetOf({ context, parameters }: SetupCall): PermissionSet {
  const permissionSet = context.permissionSets.findById(parameters['id'] ?? '');
  if (permissionSet === undefined)
    throw new OrgError('NOT_FOUND', 'There is no such permission set');
  return permissionSet;
}

function showForms(
  call: SetupCall,
  permissionSet: PermissionSet,
  { label = permissionSet.label, errors = {} }: { label?: string; errors?: FieldErrors } = {},
): Response {
  const { permissionSets, users, clientApps, records } = call.context;
  const assignees = permissionSets.assignees(permissionSet);
  const [members, others] = [true, false].map((isMember) =>
    users.list().filter(({ id }) => assignees.has(id) === isMember),
  );
  const given = records.list('SetupEntityAccess', { ParentId: permissionSet.id });
  const apps = given.flatMap((row) => clientApps.findById(String(row['SetupEntityId'])) ?? []);
  return setupPage(
    call,
    {
      title: permissionSet.label,
      lead: (
        <>
          API Name <code>{permissionSet.name}</code>
        </>
      ),
      section: paths.permissionSets,
      message: outcomeOf(call, sentences),
      status: Object.keys(errors).length === 0 ? 200 : 422,
    },
    <>
      <ErrorSummary errors={errors} />
      <form method="post" action={`${pathOf(permissionSet)}/edit`} novalidate>
        <FormToken call={call} />
        <Card title="Permission Set Overview">
          <TextField
            name="label"
            label="Label"
            value={label}
            maxLength={80}
            isRequired
            errors={errors}
          />
          <Checkbox
            name="apiEnabled"
            label="API Enabled"
            isChecked={permissionSet.apiEnabled}
            hint="Its users may use the REST API, whatever their profile says."
          />
          <button class="button primary">Save</button>
        </Card>
      </form>
      <Card title="Assigned Connected Apps and External Client Apps">
        {apps.length === 0 ? (
          <p class="quiet">
            None. Assign it under Manage Permission Sets of an app in the{' '}
            <a href={paths.appManager}>App Manager</a>.
          </p>
        ) : (
          <ul>
            {apps.map(({ id, name }) => (
              <li>
                <a href={appPath(id, 'permission-sets')}>
                  <bdi>{name}</bdi>
                </a>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title="Manage Assignments" id="assignments" isFull>
        {members === undefined || members.length === 0 ? (
          <div class="card-body quiet">No user is assigned.</div>
        ) : (
          <Table
            caption={`${members.length} ${members.length === 1 ? 'user' : 'users'}`}
            rows={members}
            columns={[
              {
                label: 'Username',
                cell: ({ id, username }) => (
                  <a href={`${paths.users}/${id}`}>
                    <bdi>{username}</bdi>
                  </a>
                ),
              },
              { label: 'Full Name', cell: ({ name }) => <bdi>{name}</bdi> },
              {
                label: 'Action',
                isNarrow: true,
                isLabelHidden: true,
                cell: ({ id, username }) => (
                  <ActionButton
                    call={call}
                    action={`${pathOf(permissionSet)}/unassign`}
                    label="Remove Assignment"
                    of={username}
                    kind="danger"
                    fields={{ user: id }}
                  />
                ),
              },
            ]}
          />
        )}
        {others === undefined || others.length === 0 ? null : (
          <form class="row-form" method="post" action={`${pathOf(permissionSet)}/assign`}>
            <FormToken call={call} />
            <SelectField
              name="user"
              label="User"
              choices={others
                .slice(0, mostChoices)
                .map(({ id, name, username }) => [id, `${name} (${username})`] as const)}
            />
            <button class="button">Add Assignment</button>
          </form>
        )}
      </Card>
    </>,
  );
}

function save(call: SetupPost): Response {
  const permissionSet = permissionSetOf(call);
  const label = call.form.text('label');
  const apiEnabled = call.form.has('apiEnabled');
  try {
    call.context.permissionSets.change(permissionSet, { label, apiEnabled });
    return seeOther(withOutcome(pathOf(permissionSet), 'saved'));
  } catch (error) {
    const errors = errorOf(error);
    return showForms(call, { ...permissionSet, apiEnabled }, { label, errors });
  }
}

function errorOf(error: unknown): FieldErrors {
  if (!(error instanceof OrgError)) throw error;
  return { label: error.message };
}

function assign(call: SetupPost, isAssigned: boolean): Response {
  const permissionSet = permissionSetOf(call);
  const { users, permissionSets } = call.context;
  const user = users.findById(call.form.text('user'));
  if (user !== undefined && isAssigned) permissionSets.assign(permissionSet, user);
  if (user !== undefined && !isAssigned) permissionSets.unassign(permissionSet, user);
  return seeOther(
    withOutcome(`${pathOf(permissionSet)}#assignments`, isAssigned ? 'assigned' : 'removed'),
  );
}

interface New {
  label: string;
  apiEnabled: boolean;
  errors?: FieldErrors;
}

function showNew(call: SetupCall, { label, apiEnabled, errors = {} }: New): Response {
  return setupPage(
    call,
    {
      title: 'New Permission Set',
      section: paths.permissionSets,
      status: Object.keys(errors).length === 0 ? 200 : 422,
    },
    <form method="post" action={`${paths.permissionSets}/new`} novalidate>
      <FormToken call={call} />
      <Submission call={call} />
      <ErrorSummary errors={errors} />
      <Card title="Enter permission set information">
        <TextField
          name="label"
          label="Label"
          value={label}
          maxLength={80}
          isRequired
          errors={errors}
          hint="The API name follows from it."
        />
        <Checkbox name="apiEnabled" label="API Enabled" isChecked={apiEnabled} />
      </Card>
      <FormEnd cancel={paths.permissionSets} />
    </form>,
  );
}

function create(call: SetupPost): Response {
  const made = call.submissions.answerTo(call.form);
  if (made !== undefined) return seeOther(made);
  const entered = { label: call.form.text('label'), apiEnabled: call.form.has('apiEnabled') };
  try {
    const permissionSet = call.context.permissionSets.create(entered);
    const location = withOutcome(pathOf(permissionSet), 'created');
    call.submissions.remember(call.form, location);
    return seeOther(location);
  } catch (error) {
    return showNew(call, { ...entered, errors: errorOf(error) });
  }
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.permissionSets, handle: show },
  {
    method: 'GET',
    path: `${paths.permissionSets}/new`,
    handle: (call) => showNew(call, { label: '', apiEnabled: false }),
  },
  { method: 'POST', path: `${paths.permissionSets}/new`, handle: create },
  {
    method: 'GET',
    path: `${paths.permissionSets}/:id`,
    handle: (call) => showForms(call, permissionSetOf(call)),
  },
  { method: 'POST', path: `${paths.permissionSets}/:id/edit`, handle: save },
  {
    method: 'POST',
    path: `${paths.permissionSets}/:id/assign`,
    handle: (call) => assign(call, true),
  },
  {
    method: 'POST',
    path: `${paths.permissionSets}/:id/unassign`,
    handle: (call) => assign(call, false),
  },
];
