import type { Child } from 'hono/jsx';
import { changeOrgSettings, orgSettings } from '../../directory/organization.ts';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Message } from '../elements/message.tsx';
import { AppList } from './app-list.tsx';
import { paths } from './navigation.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

const blockPath = '/lightning/setup/NavigationMenus/block';

/** App Manager: every app of the org, of either kind. */
function show(call: SetupCall): Response {
  const apps = call.context.clientApps.list();
  const isDeleted = call.url.searchParams.has('deleted');
  return setupPage(
    call,
    {
      title: 'App Manager',
      message: isDeleted ? { kind: 'success', children: 'The app was deleted.' } : undefined,
      actions: (
        <>
          <a class="button" href={paths.newConnectedApp}>
            New Connected App
          </a>
          <a class="button primary" href={paths.newExternalClientApp}>
            New External Client App
          </a>
        </>
      ),
    },
    <>
      <ConnectedAppBanner call={call} />
      <Card isFull>
        {apps.length === 0 ? (
          <EmptyState title="No apps yet">
            A program signs in through an app, which holds the certificate and says who may use it.
            Make one with New External Client App, or with New Connected App if your instructions
            are older.
          </EmptyState>
        ) : (
          <AppList apps={apps} url={call.url} />
        )}
      </Card>
    </>,
  );
}

/** What has changed in Salesforce since most instructions were written, and the switch for it. */
function ConnectedAppBanner({ call }: { call: SetupCall }): Child {
  const isBlocked = orgSettings(call.context.database).newConnectedAppsBlocked;
  return (
    <Message kind={isBlocked ? 'warning' : 'info'}>
      <strong>
        {isBlocked
          ? 'New connected apps are blocked in this org, as they are in Salesforce.'
          : 'New connected apps are allowed in this org.'}
      </strong>{' '}
      Since Spring '26 Salesforce blocks new connected apps by default; external client apps take
      their place.{' '}
      {isBlocked
        ? ''
        : 'This stand-in allows them at first, so that instructions that say New Connected App can be followed.'}
      <form method="post" action={blockPath}>
        <FormToken call={call} />
        <button class="button" name="block" value={isBlocked ? '' : 'yes'}>
          {isBlocked ? 'Allow new connected apps' : 'Block new connected apps, as Salesforce does'}
        </button>
      </form>
    </Message>
  );
}

function block({ context, form }: SetupPost): Response {
  changeOrgSettings(context.records, context.organization, {
    newConnectedAppsBlocked: form.text('block') === 'yes',
  });
  return seeOther(paths.appManager);
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.appManager, handle: show },
  { method: 'POST', path: blockPath, handle: block },
];
