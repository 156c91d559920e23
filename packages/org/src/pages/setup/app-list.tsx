import type { Child } from 'hono/jsx';
import { clientAppLabels } from '../../directory/client-app.ts';
import type { ClientApp } from '../../directory/client-app.ts';
import { RowMenu } from '../elements/menu.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { listPage } from './list-page.tsx';
import { appPath } from './navigation.ts';

interface AppListProps {
  apps: readonly ClientApp[];
  url: URL;
}

/** Apps with what can be done about each: App Manager and External Client App Manager. */
export function AppList({ apps, url }: AppListProps): Child {
  const { rows, caption, turn } = listPage(url, apps, ['app', 'apps']);
  return (
    <>
      <Table
        caption={caption}
        rows={rows}
        columns={[
          {
            label: 'App Name',
            cell: ({ id, name }) => (
              <a href={appPath(id, 'view')}>
                <bdi>{name}</bdi>
              </a>
            ),
          },
          { label: 'API Name', cell: ({ apiName }) => <code>{apiName}</code> },
          { label: 'App Type', cell: ({ kind }) => clientAppLabels[kind] },
          { label: 'Status', cell: statusOf },
          {
            label: 'Actions',
            isNarrow: true,
            isLabelHidden: true,
            cell: ({ id, name }) => (
              <RowMenu
                label={`Actions for ${name}`}
                actions={[
                  { label: 'View', href: appPath(id, 'view') },
                  { label: 'Edit', href: appPath(id, 'edit') },
                  { label: 'Manage', href: appPath(id, 'manage') },
                ]}
              />
            ),
          },
        ]}
      />
      {turn}
    </>
  );
}

/** The first thing that keeps everybody from signing in through an app. */
export function statusOf(app: ClientApp): Child {
  if (app.isBlocked) return <Status kind="error">Blocked</Status>;
  if (!app.isInstalled) return <Status kind="warning">Not installed</Status>;
  if (!app.isEnabled) return <Status kind="error">Disabled</Status>;
  if (!app.isOauthEnabled) return <Status>No OAuth</Status>;
  if (app.certificate === undefined) return <Status kind="warning">No certificate</Status>;
  return <Status kind="success">Enabled</Status>;
}
