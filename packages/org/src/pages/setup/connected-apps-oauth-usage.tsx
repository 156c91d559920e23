/** Connected Apps OAuth Usage: which apps are used, by whom, and which are kept out. */

import type { ClientApp } from '../../directory/client-app.ts';
import { clientAppLabels } from '../../directory/client-app.ts';
import { revokeAccess, setBlocked, usersOfApp, usersOfApps } from '../../oauth/app-usage.ts';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Instant } from '../elements/instant.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { ActionButton } from './action-button.tsx';
import { listPage } from './list-page.tsx';
import { appPath, paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

const home = paths.connectedAppsOauthUsage;

const sentences = {
  blocked: 'The app is blocked, and its sessions have ended. Nobody gets a token through it.',
  unblocked: 'The app is not blocked any more.',
  installed: 'The app is installed: its policies and its profiles count.',
  uninstalled:
    'The app is uninstalled. Its policies, profiles and permission sets count no more until it is installed again.',
  revoked: 'The access was revoked: sessions, refresh tokens and approvals are gone.',
} as const;

const usagePath = (id: string): string => `${home}/${id}`;

/** What can be done to an app here: the address, the word on the button, and what comes of it. */
const actions = {
  block: { label: 'Block', outcome: 'blocked' },
  unblock: { label: 'Unblock', outcome: 'unblocked' },
  install: { label: 'Install', outcome: 'installed' },
  uninstall: { label: 'Uninstall', outcome: 'uninstalled' },
} as const;

type Action = keyof typeof actions;

const actionNames = Object.keys(actions) as Action[];

function show(call: SetupCall): Response {
  const apps = call.context.clientApps.list();
  const { rows, caption, turn } = listPage(call.url, apps, ['app', 'apps']);
  const users = usersOfApps(call.context);
  const button = ({ id, name }: ClientApp, action: Action, isDanger = false) => (
    <ActionButton
      call={call}
      action={`${home}/${action}`}
      label={actions[action].label}
      of={name}
      {...(isDanger ? { kind: 'danger' as const } : {})}
      fields={{ id }}
    />
  );
  return setupPage(
    call,
    {
      title: 'Connected Apps OAuth Usage',
      lead: 'Users with a living session, a refresh token, or an approval of their own. A blocked app lets nobody in.',
      message: outcomeOf(call, sentences),
    },
    <Card isFull>
      {apps.length === 0 ? (
        <EmptyState title="No apps yet">
          Make one in the <a href={paths.appManager}>App Manager</a>.
        </EmptyState>
      ) : (
        <Table
          caption={caption}
          rows={rows}
          columns={[
            {
              label: 'Connected App',
              cell: ({ id, name }) => (
                <a id={id} href={appPath(id, 'view')}>
                  <bdi>{name}</bdi>
                </a>
              ),
            },
            { label: 'App Type', cell: ({ kind }) => clientAppLabels[kind] },
            {
              label: 'User Count',
              cell: ({ id, name }) => (
                <a href={usagePath(id)}>
                  {users.get(id)?.size ?? 0}
                  <span class="hidden-text"> users of {name}</span>
                </a>
              ),
            },
            {
              label: 'Status',
              isNarrow: true,
              cell: ({ isBlocked, isInstalled }) => (
                <>
                  {isBlocked ? <Status kind="error">Blocked</Status> : null}
                  {isInstalled ? null : <Status kind="warning">Not installed</Status>}
                  {isInstalled && !isBlocked ? <Status kind="success">Installed</Status> : null}
                </>
              ),
            },
            {
              label: 'Actions',
              isNarrow: true,
              isLabelHidden: true,
              cell: (app) => (
                <div class="actions">
                  {app.isInstalled ? button(app, 'uninstall') : button(app, 'install')}
                  {app.isBlocked ? button(app, 'unblock') : button(app, 'block', true)}
                  <a class="button" href={appPath(app.id, 'policies')}>
                    Manage App Policies<span class="hidden-text"> of {app.name}</span>
                  </a>
                </div>
              ),
            },
          ]}
        />
      )}
      {turn}
    </Card>,
  );
}

function act({ context, form }: SetupPost, action: Action): Response {
  const { clientApps } = context;
  const app = clientApps.findById(form.text('id'));
  if (app === undefined) return seeOther(home);
  if (action === 'block' || action === 'unblock') setBlocked(app, context, action === 'block');
  else clientApps.setPolicies(app, { isInstalled: action === 'install' });
  return seeOther(withOutcome(home, actions[action].outcome));
}

/** Behind User Count: the users of one app, when they used it, and Revoke. */
function showUsers(call: SetupCall): Response {
  const { context, parameters } = call;
  const app = context.clientApps.getById(parameters['id'] ?? '');
  const usernames = new Map(context.users.list().map(({ id, username }) => [id, username]));
  const users = usersOfApp(app, context);
  const revokePath = `${usagePath(app.id)}/revoke`;
  return setupPage(
    call,
    {
      title: "Connected App User's Usage",
      lead: (
        <>
          Who uses <bdi>{app.name}</bdi>. Revoke ends their sessions and takes back what they
          approved; whoever is pre-authorized may sign in again.
        </>
      ),
      section: home,
      message: outcomeOf(call, sentences),
      actions:
        users.length === 0 ? undefined : (
          <ActionButton call={call} action={revokePath} label="Revoke All" kind="danger" />
        ),
    },
    <Card isFull>
      {users.length === 0 ? (
        <EmptyState title="Nobody uses this app">
          A user is here who has a living session through the app, a refresh token, or an approval.
        </EmptyState>
      ) : (
        <Table
          caption={`${users.length} ${users.length === 1 ? 'user' : 'users'}`}
          rows={users}
          columns={[
            {
              label: 'Username',
              isWide: true,
              cell: ({ userId }) => (
                <a href={`${paths.users}/${userId}`}>
                  <bdi>{usernames.get(userId)}</bdi>
                </a>
              ),
            },
            { label: 'First Used', cell: ({ firstUsed }) => timeOf(firstUsed) },
            { label: 'Last Used', cell: ({ lastUsed }) => timeOf(lastUsed) },
            { label: 'Use Count', cell: ({ useCount }) => useCount },
            {
              label: 'Action',
              isNarrow: true,
              isLabelHidden: true,
              cell: ({ userId }) => (
                <ActionButton
                  call={call}
                  action={revokePath}
                  label="Revoke"
                  of={usernames.get(userId) ?? userId}
                  kind="danger"
                  fields={{ user: userId }}
                />
              ),
            },
          ]}
        />
      )}
    </Card>,
  );
}

function timeOf(instant: number | undefined) {
  return instant === undefined ? <span class="quiet">Never</span> : <Instant at={instant} />;
}

function revoke({ context, form, parameters }: SetupPost): Response {
  const app = context.clientApps.getById(parameters['id'] ?? '');
  revokeAccess(app, context, form.has('user') ? form.text('user') : undefined);
  return seeOther(withOutcome(usagePath(app.id), 'revoked'));
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: home, handle: show },
  ...actionNames.map((action): SetupRoute => ({
    method: 'POST',
    path: `${home}/${action}`,
    handle: (call) => act(call, action),
  })),
  { method: 'GET', path: usagePath(':id'), handle: showUsers },
  { method: 'POST', path: `${usagePath(':id')}/revoke`, handle: revoke },
];
