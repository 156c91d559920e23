import type { Child } from 'hono/jsx';
import { clientAppLabels } from '../../directory/client-app.ts';
import type { ClientApp } from '../../directory/client-app.ts';
import { RowMenu } from '../elements/menu.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { appPath } from './navigation.ts';

/** Apps with what can be done about each: App Manager and External Client App Manager. */
export function AppList({ apps }: { apps: readonly ClientApp[] }): Child {
  return (
    <Table
      caption={`${apps.length} ${apps.length === 1 ? 'app' : 'apps'}`}
      rows={apps}
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
