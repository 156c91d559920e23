import { clientAppLabels } from '../../directory/client-app.ts';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { RowMenu } from '../elements/menu.tsx';
import { Table } from '../elements/table.tsx';
import { paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

/** App Manager: every app of the org, of either kind. */
function show(call: SetupCall): Response {
  const apps = call.context.clientApps.list();
  return setupPage(
    call,
    {
      title: 'App Manager',
      actions: (
        <>
          <a class="button" href={`${paths.appManager}/new`}>
            New Connected App
          </a>
          <a class="button primary" href={`${paths.externalClientAppManager}/new`}>
            New External Client App
          </a>
        </>
      ),
    },
    <Card isFull>
      {apps.length === 0 ? (
        <EmptyState title="No apps yet">
          An app lets a program sign in. Make one with New External Client App.
        </EmptyState>
      ) : (
        <Table
          caption={`${apps.length} ${apps.length === 1 ? 'app' : 'apps'}`}
          rows={apps}
          columns={[
            { label: 'App Name', cell: ({ name }) => <bdi>{name}</bdi> },
            { label: 'API Name', cell: ({ apiName }) => <code>{apiName}</code> },
            { label: 'App Type', cell: ({ kind }) => clientAppLabels[kind] },
            {
              label: 'Actions',
              isNarrow: true,
              isLabelHidden: true,
              cell: ({ id, name }) => (
                <RowMenu
                  label={`Actions for ${name}`}
                  actions={[{ label: 'View', href: `${paths.appManager}/${id}` }]}
                />
              ),
            },
          ]}
        />
      )}
    </Card>,
  );
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.appManager, handle: show },
];
