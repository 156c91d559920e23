import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { AppList } from './app-list.tsx';
import { paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

/** External Client App Manager: the apps that take the place of connected apps. */
function show(call: SetupCall): Response {
  const apps = call.context.clientApps.list().filter(({ kind }) => kind === 'externalClientApp');
  const newApp = (
    <a class="button primary" href={paths.newExternalClientApp}>
      New External Client App
    </a>
  );
  return setupPage(
    call,
    { title: 'External Client App Manager', actions: newApp },
    <Card isFull>
      {apps.length === 0 ? (
        <EmptyState title="No external client apps yet" actions={newApp}>
          Make one, upload the certificate under Enable JWT Bearer Flow, and say in its policies who
          may use it.
        </EmptyState>
      ) : (
        <AppList apps={apps} url={call.url} />
      )}
    </Card>,
  );
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.externalClientAppManager, handle: show },
];
