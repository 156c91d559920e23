import type { Child } from 'hono/jsx';
import type { User } from '../../directory/user.ts';
import { OrgError } from '../../org-error.ts';
import { isLocked } from '../../policies/lockout.ts';
import { Card, Details } from '../elements/card.tsx';
import { Checkbox, ErrorSummary, FormEnd, SelectField, TextField } from '../elements/form.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import { RowMenu } from '../elements/menu.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { ActionButton } from './action-button.tsx';
import { FilterForm } from './filter-form.tsx';
import { listPage } from './list-page.tsx';
import { paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';
import { Submission } from './submission.tsx';

const views = { '': 'All Users', active: 'Active Users', inactive: 'Inactive or Frozen' } as const;

const sentences = {
  created: 'The user was created.',
  saved: 'The user was saved.',
  frozen: 'The user is frozen: logins are refused, and so are the sessions there are.',
  unfrozen: 'The user is not frozen any more.',
  unlocked: 'The user is unlocked: the next login is judged as if no password had been wrong.',
  assigned: 'The permission set was assigned.',
  removed: 'The permission set was taken away.',
} as const;

const pathOf = ({ id }: User): string => `${paths.users}/${id}`;

/** Users: who is in the org. */
function show(call: SetupCall): Response {
  const { context, url } = call;
  const typed = (url.searchParams.get('username') ?? '').trim();
  const view = url.searchParams.get('view') ?? '';
  const profiles = new Map(context.profiles.list().map(({ id, name }) => [id, name]));
  const users = context.users.list().filter((user) => {
    const isUsable = user.isActive && !user.isFrozen;
    return (
      user.username.toLowerCase().includes(typed.toLowerCase()) &&
      (view === '' || isUsable === (view === 'active'))
    );
  });
  const { rows, caption, turn } = listPage(url, users, ['user', 'users']);
  return setupPage(
    call,
    {
      title: 'Users',
      message: outcomeOf(call, sentences),
      actions: (
        <a class="button primary" href={`${paths.users}/new`}>
          New User
        </a>
      ),
    },
    <Card isFull>
      <FilterForm
        action={paths.users}
        filters={[
          { name: 'username', label: 'Username', value: typed },
          { name: 'view', label: 'View', value: view, choices: views },
        ]}
      />
      <Table
        caption={caption}
        rows={rows}
        columns={[
          {
            label: 'Full Name',
            cell: (user) => (
              <a href={pathOf(user)}>
                <bdi>{user.name}</bdi>
              </a>
            ),
          },
          { label: 'Username', cell: ({ username }) => <bdi>{username}</bdi> },
          {
            label: 'Profile',
            cell: ({ profileId }) => (
              <a href={`${paths.profiles}/${profileId}`}>
                <bdi>{profiles.get(profileId)}</bdi>
              </a>
            ),
          },
          { label: 'Status', isNarrow: true, cell: standingOf },
          {
            label: 'Action',
            isNarrow: true,
            isLabelHidden: true,
            cell: (user) => (
              <RowMenu
                label={`Actions for ${user.username}`}
                actions={[
                  { label: 'View', href: pathOf(user) },
                  { label: 'Edit', href: `${pathOf(user)}/edit` },
                ]}
              />
            ),
          },
        ]}
      />
      {turn}
    </Card>,
  );
}

function standingOf({ isActive, isFrozen }: User): Child {
  if (!isActive) return <Status>Inactive</Status>;
  if (isFrozen) return <Status kind="warning">Frozen</Status>;
  return <Status kind="success">Active</Status>;
}

/** @throws OrgError NOT_FOUND: somebody may have deleted it meanwhile */
function userOf({ context, parameters }: SetupCall): User {
  const user = context.users.findById(parameters['id'] ?? '');
  if (user === undefined) throw new OrgError('NOT_FOUND', 'There is no such user');
  return user;
}

/** One user: what they are, and what they have. */
function showUser(call: SetupCall): Response {
  const user = userOf(call);
  const { permissionSets, profiles, sessions, users, clock } = call.context;
  const isLockedOut = isLocked(users.lockout(user), clock.now());
  const assigned = permissionSets.listOf(user);
  const others = permissionSets.list().filter(({ id }) => !assigned.some((one) => one.id === id));
  const profile = profiles.findById(user.profileId);
  const live = sessions.list().filter(({ userId }) => userId === user.id).length;
  return setupPage(
    call,
    {
      title: user.name,
      lead: <bdi>{user.username}</bdi>,
      section: paths.users,
      message: outcomeOf(call, sentences),
      actions: (
        <>
          <a class="button" href={`${pathOf(user)}/edit`}>
            Edit
          </a>
          {isLockedOut ? (
            <ActionButton call={call} action={`${pathOf(user)}/unlock`} label="Unlock" />
          ) : null}
          {user.id === call.user.id ? null : (
            <ActionButton
              call={call}
              action={`${pathOf(user)}/freeze`}
              label={user.isFrozen ? 'Unfreeze' : 'Freeze'}
              {...(user.isFrozen ? {} : { kind: 'danger' as const })}
              fields={{ isFrozen: user.isFrozen ? 'no' : 'yes' }}
            />
          )}
        </>
      ),
    },
    <>
      <Card title="User Detail">
        <Details
          rows={[
            ['Name', <bdi>{user.name}</bdi>],
            ['Username', <bdi>{user.username}</bdi>],
            ['Email', <bdi>{user.email}</bdi>],
            [
              'Profile',
              <a href={`${paths.profiles}/${user.profileId}`}>
                <bdi>{profile?.name}</bdi>
              </a>,
            ],
            ['Active', user.isActive ? 'Yes' : 'No'],
            ['Frozen', user.isFrozen ? 'Yes' : 'No'],
            ['Locked out by wrong passwords', isLockedOut ? 'Yes' : 'No'],
            ['User ID', <code>{user.id}</code>],
            [
              'Active sessions',
              <a href={`${paths.sessionManagement}?username=${encodeURIComponent(user.username)}`}>
                {live} in Session Management
              </a>,
            ],
            [
              'Logins',
              <a href={`${paths.loginHistory}?username=${encodeURIComponent(user.username)}`}>
                Login History
              </a>,
            ],
          ]}
        />
      </Card>
      <Card title="Permission Set Assignments" id="permissionSets" isFull>
        {assigned.length === 0 ? (
          <div class="card-body quiet">No permission set is assigned.</div>
        ) : (
          <Table
            caption="Permission sets of this user"
            rows={assigned}
            columns={[
              {
                label: 'Permission Set Label',
                cell: ({ id, label }) => (
                  <a href={`${paths.permissionSets}/${id}`}>
                    <bdi>{label}</bdi>
                  </a>
                ),
              },
              { label: 'API Name', cell: ({ name }) => <code>{name}</code> },
              {
                label: 'Action',
                isNarrow: true,
                isLabelHidden: true,
                cell: ({ id, label }) => (
                  <ActionButton
                    call={call}
                    action={`${pathOf(user)}/unassign`}
                    label="Remove"
                    of={label}
                    kind="danger"
                    fields={{ permissionSet: id }}
                  />
                ),
              },
            ]}
          />
        )}
        {others.length === 0 ? null : (
          <form class="row-form" method="post" action={`${pathOf(user)}/assign`}>
            <FormToken call={call} />
            <SelectField
              name="permissionSet"
              label="Permission Set"
              choices={others.map(({ id, label }) => [id, label] as const)}
            />
            <button class="button">Assign</button>
          </form>
        )}
      </Card>
    </>,
  );
}

function freeze(call: SetupPost): Response {
  const user = userOf(call);
  const isFrozen = call.form.text('isFrozen') === 'yes';
  // Nobody could undo that any more.
  if (isFrozen && user.id === call.user.id) return seeOther(pathOf(user));
  call.context.users.setFrozen(user, isFrozen);
  return seeOther(withOutcome(pathOf(user), isFrozen ? 'frozen' : 'unfrozen'));
}

function unlock(call: SetupPost): Response {
  const user = userOf(call);
  call.context.users.unlock(user);
  return seeOther(withOutcome(pathOf(user), 'unlocked'));
}

function assign(call: SetupPost, isAssigned: boolean): Response {
  const user = userOf(call);
  const { permissionSets } = call.context;
  const permissionSet = permissionSets.findById(call.form.text('permissionSet'));
  if (permissionSet !== undefined && isAssigned) permissionSets.assign(permissionSet, user);
  if (permissionSet !== undefined && !isAssigned) permissionSets.unassign(permissionSet, user);
  return seeOther(
    withOutcome(`${pathOf(user)}#permissionSets`, isAssigned ? 'assigned' : 'removed'),
  );
}

interface Entered {
  firstName: string;
  lastName: string;
  email: string;
  username: string;
  profile: string;
  isActive: boolean;
}

interface Entry {
  /** Not set for a new one. */
  user?: User;
  entered: Entered;
  errors?: FieldErrors;
}

function showForm(call: SetupCall, { user, entered, errors = {} }: Entry): Response {
  const action = user === undefined ? `${paths.users}/new` : `${pathOf(user)}/edit`;
  return setupPage(
    call,
    {
      title: user === undefined ? 'New User' : 'Edit User',
      section: paths.users,
      crumbs: user === undefined ? [] : [{ label: user.name, href: pathOf(user) }],
      status: Object.keys(errors).length === 0 ? 200 : 422,
    },
    <form method="post" action={action} novalidate>
      <FormToken call={call} />
      {user === undefined ? <Submission call={call} /> : null}
      <ErrorSummary errors={errors} />
      <Card title="General Information">
        <TextField
          name="firstName"
          label="First Name"
          value={entered.firstName}
          maxLength={40}
          errors={errors}
        />
        <TextField
          name="lastName"
          label="Last Name"
          value={entered.lastName}
          maxLength={80}
          isRequired
          errors={errors}
        />
        <TextField
          name="email"
          label="Email"
          type="email"
          value={entered.email}
          maxLength={128}
          isRequired
          errors={errors}
        />
        <TextField
          name="username"
          label="Username"
          value={entered.username}
          maxLength={80}
          isRequired
          errors={errors}
          hint="In the form of an email address. A program names it in sub."
        />
        <SelectField
          name="profile"
          label="Profile"
          value={entered.profile}
          choices={call.context.profiles.list().map(({ name }) => [name, name] as const)}
          isRequired
          errors={errors}
        />
        <Checkbox name="isActive" label="Active" isChecked={entered.isActive} errors={errors} />
        <TextField
          name="password"
          label={user === undefined ? 'Password' : 'New Password'}
          type="password"
          autocomplete="new-password"
          errors={errors}
          hint="For the login page of this local org; the JWT bearer flow needs none. Nothing is mailed."
        />
      </Card>
      <FormEnd cancel={user === undefined ? paths.users : pathOf(user)} />
    </form>,
  );
}

function showNew(call: SetupCall): Response {
  return showForm(call, {
    entered: {
      firstName: '',
      lastName: '',
      email: '',
      username: '',
      profile: 'Standard User',
      isActive: true,
    },
  });
}

function showEdit(call: SetupCall): Response {
  const user = userOf(call);
  const profile = call.context.profiles.findById(user.profileId)?.name ?? '';
  return showForm(call, { user, entered: { ...user, profile } });
}

function enteredIn({ form }: SetupPost): Entered {
  return {
    firstName: form.text('firstName'),
    lastName: form.text('lastName'),
    email: form.text('email'),
    username: form.text('username'),
    profile: form.text('profile'),
    isActive: form.has('isActive'),
  };
}

function errorsIn({ context, user: self }: SetupPost, entered: Entered, user?: User): FieldErrors {
  const { firstName, lastName, email, profile, isActive } = entered;
  const errors: Record<string, string> = {};
  if (firstName.length > 40) errors['firstName'] = 'First Name has 40 characters at most';
  if (lastName === '') errors['lastName'] = 'You must enter a value: Last Name';
  if (lastName.length > 80) errors['lastName'] = 'Last Name has 80 characters at most';
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 128) {
    errors['email'] = 'Enter a valid email address';
  }
  const chosen = context.profiles.list().find(({ name }) => name === profile);
  if (chosen === undefined) errors['profile'] = 'Choose a profile of this org';
  if (user?.id === self.id) {
    // Whoever locks themselves out finds nobody to let them in again.
    if (!isActive) errors['isActive'] = 'You cannot deactivate yourself';
    if (chosen !== undefined && chosen.id !== user.profileId) {
      errors['profile'] = 'You cannot take away your own profile';
    }
  }
  return errors;
}

function create(call: SetupPost): Response {
  const made = call.submissions.answerTo(call.form);
  if (made !== undefined) return seeOther(made);
  const entered = enteredIn(call);
  const errors = errorsIn(call, entered);
  if (Object.keys(errors).length > 0) return showForm(call, { entered, errors });
  const password = call.form.exact('password');
  try {
    const user = call.context.users.create({
      ...entered,
      ...(entered.firstName === '' ? { firstName: undefined } : {}),
      ...(password === '' ? {} : { password }),
    });
    const location = withOutcome(pathOf(user), 'created');
    call.submissions.remember(call.form, location);
    return seeOther(location);
  } catch (error) {
    return showForm(call, { entered, errors: errorOf(error) });
  }
}

function save(call: SetupPost): Response {
  const user = userOf(call);
  const entered = enteredIn(call);
  const errors = errorsIn(call, entered, user);
  if (Object.keys(errors).length > 0) return showForm(call, { user, entered, errors });
  const { users, database } = call.context;
  const password = call.form.exact('password');
  try {
    database.transaction(() => {
      users.change(user, entered);
      if (entered.isActive !== user.isActive) users.setActive(user, entered.isActive);
      if (password !== '') users.setPassword(user, password);
    });
    return seeOther(withOutcome(pathOf(user), 'saved'));
  } catch (error) {
    return showForm(call, { user, entered, errors: errorOf(error) });
  }
}

/** What the directory objects to, at the field it names. */
function errorOf(error: unknown): FieldErrors {
  if (!(error instanceof OrgError)) throw error;
  return { [error.field ?? 'username']: error.message };
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.users, handle: show },
  { method: 'GET', path: `${paths.users}/new`, handle: showNew },
  { method: 'POST', path: `${paths.users}/new`, handle: create },
  { method: 'GET', path: `${paths.users}/:id`, handle: showUser },
  { method: 'GET', path: `${paths.users}/:id/edit`, handle: showEdit },
  { method: 'POST', path: `${paths.users}/:id/edit`, handle: save },
  { method: 'POST', path: `${paths.users}/:id/freeze`, handle: freeze },
  { method: 'POST', path: `${paths.users}/:id/unlock`, handle: unlock },
  { method: 'POST', path: `${paths.users}/:id/assign`, handle: (call) => assign(call, true) },
  { method: 'POST', path: `${paths.users}/:id/unassign`, handle: (call) => assign(call, false) },
];
