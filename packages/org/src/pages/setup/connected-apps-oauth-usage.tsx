import { clientAppLabels } from '../../directory/client-app.ts';
import type { OrgContext } from '../../org-context.ts';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { ActionButton } from './action-button.tsx';
import { appPath, paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

const sentences = {
  blocked: 'The app is blocked, and its sessions have ended. Nobody gets a token through it.',
  unblocked: 'The app is not blocked any more.',
} as const;

/** Connected Apps OAuth Usage: which apps are used, by how many, and which are blocked. */
function show(call: SetupCall): Response {
  const { context } = call;
  const apps = context.clientApps.list();
  const users = usersOfApps(context);
  return setupPage(
    call,
    {
      title: 'Connected Apps OAuth Usage',
      lead: 'Users with a living session, or an approval of their own. A blocked app lets nobody in.',
      message: outcomeOf(call, sentences),
    },
    <Card isFull>
      {apps.length === 0 ? (
        <EmptyState title="No apps yet">
          Make one in the <a href={paths.appManager}>App Manager</a>.
        </EmptyState>
      ) : (
        <Table
          caption={`${apps.length} ${apps.length === 1 ? 'app' : 'apps'}`}
          rows={apps}
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
            { label: 'User Count', cell: ({ id }) => users.get(id)?.size ?? 0 },
            {
              label: 'Status',
              isNarrow: true,
              cell: ({ isBlocked }) =>
                isBlocked ? (
                  <Status kind="error">Blocked</Status>
                ) : (
                  <Status kind="success">Not blocked</Status>
                ),
            },
            {
              label: 'Actions',
              isNarrow: true,
              isLabelHidden: true,
              cell: ({ id, name, isBlocked }) => (
                <div class="actions">
                  <ActionButton
                    call={call}
                    action={`${paths.connectedAppsOauthUsage}/block`}
                    label={isBlocked ? 'Unblock' : 'Block'}
                    of={name}
                    {...(isBlocked ? {} : { kind: 'danger' as const })}
                    fields={{ id, isBlocked: isBlocked ? 'no' : 'yes' }}
                  />
                  <a class="button" href={appPath(id, 'policies')}>
                    Manage App Policies<span class="hidden-text"> of {name}</span>
                  </a>
                </div>
              ),
            },
          ]}
        />
      )}
    </Card>,
  );
}

/** Id of an app -> ids of its users. */
function usersOfApps({ sessions, records }: OrgContext): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  const add = (app: string, user: string): void => {
    const known = users.get(app) ?? new Set();
    users.set(app, known.add(user));
  };
  for (const { clientAppId, userId } of sessions.list()) {
    if (clientAppId !== undefined) add(clientAppId, userId);
  }
  for (const row of records.list('_Approval')) {
    add(String(row['_clientAppId']), String(row['_userId']));
  }
  return users;
}

/** Salesforce Help, Manage OAuth Access: blocking an app ends the sessions of its users too. */
function block({ context, form }: SetupPost): Response {
  const { clientApps, sessions, database } = context;
  const app = clientApps.findById(form.text('id'));
  const isBlocked = form.text('isBlocked') === 'yes';
  if (app === undefined) return seeOther(paths.connectedAppsOauthUsage);
  database.transaction(() => {
    clientApps.setPolicies(app, { isBlocked });
    if (!isBlocked) return;
    for (const { id, clientAppId } of sessions.list()) {
      if (clientAppId === app.id) sessions.remove(id);
    }
  });
  return seeOther(withOutcome(paths.connectedAppsOauthUsage, isBlocked ? 'blocked' : 'unblocked'));
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.connectedAppsOauthUsage, handle: show },
  { method: 'POST', path: `${paths.connectedAppsOauthUsage}/block`, handle: block },
];
