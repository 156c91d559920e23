import type { Child } from 'hono/jsx';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Instant, spanOf } from '../elements/instant.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import type { Session } from '../../sessions/session.ts';
import { FilterForm } from './filter-form.tsx';
import { paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

/** More are found by the filter; a page of them all would only be slow. */
const mostShown = 200;

const sessionTypes = { '': 'All', Oauth2: 'Oauth2', UI: 'UI', API: 'API' } as const;

const sentences = {
  removed: 'The session was removed. The next request with its access token gets a 401.',
  several:
    'The sessions were removed. The next request with one of their access tokens gets a 401.',
  gone: 'The session had ended already.',
  none: 'No session was selected, and none was removed.',
} as const;

interface Shown extends Session {
  username: string;
  application: string | undefined;
}

/** Session Management: who is signed in, by which app, from where, and for how long. */
function show(call: SetupCall): Response {
  const { context, url } = call;
  const username = url.searchParams.get('username') ?? '';
  const type = url.searchParams.get('type') ?? '';
  const all = context.sessions.list();
  const sessions = named(all, call).filter(
    (session) =>
      session.username.toLowerCase().includes(username.trim().toLowerCase()) &&
      (type === '' || session.type === type),
  );
  return setupPage(
    call,
    {
      title: 'Session Management',
      lead: 'Active sessions, the newest first. Remove one, and its access token is refused from then on.',
      message: outcomeOf(call, sentences),
    },
    <Card isFull>
      <FilterForm
        action={paths.sessionManagement}
        filters={[
          { name: 'username', label: 'Username', value: username },
          { name: 'type', label: 'Session Type', value: type, choices: sessionTypes },
        ]}
      />
      {sessions.length === 0 ? (
        <EmptyState title="No session fits">
          {all.length} {all.length === 1 ? 'session is' : 'sessions are'} active in all.
        </EmptyState>
      ) : (
        <form method="post" action={`${paths.sessionManagement}/remove`}>
          <FormToken call={call} />
          <input type="hidden" name="back" value={url.search} />
          <div class="list-tools">
            <label class="choice" data-all="selected" hidden>
              <input type="checkbox" /> Select all
            </label>
            <button class="button danger">Remove Selected</button>
          </div>
          <SessionTable call={call} sessions={sessions} />
        </form>
      )}
    </Card>,
  );
}

/** The boxes and buttons of the rows belong to the form around the table. */
function SessionTable({ call, sessions }: { call: SetupCall; sessions: readonly Shown[] }): Child {
  const { context } = call;
  return (
    <Table
      caption={
        sessions.length > mostShown
          ? `The newest ${mostShown} of ${sessions.length} sessions`
          : `${sessions.length} ${sessions.length === 1 ? 'session' : 'sessions'}`
      }
      rows={sessions.slice(0, mostShown)}
      columns={[
        {
          label: 'Username',
          isWide: true,
          cell: ({ username: name, userId, id, userType, created }) => (
            <div class="selectable">
              <input
                type="checkbox"
                name="selected"
                value={id}
                aria-label={`Select ${rowName(name, created)}`}
              />
              <div>
                <a href={`${paths.users}/${userId}`}>
                  <bdi>{name}</bdi>
                </a>{' '}
                {id === call.session.id ? <Status kind="info">This browser</Status> : null}
                <span class="below">User Type: {userType}</span>
              </div>
            </div>
          ),
        },
        {
          label: 'Session Type',
          cell: ({ type: sessionType, loginType, expires }) => (
            <>
              {expires === undefined ? sessionType : `${sessionType}, JWT-based access token`}
              <span class="below">Login Type: {loginType}</span>
            </>
          ),
        },
        { label: 'Source IP', cell: ({ sourceIp }) => <code class="address">{sourceIp}</code> },
        {
          label: 'Application',
          cell: ({ application }) => <bdi>{application ?? <span class="quiet">None</span>}</bdi>,
        },
        { label: 'Created', cell: ({ created }) => <Instant at={created} /> },
        { label: 'Updated', cell: ({ updated }) => <Instant at={updated} /> },
        {
          label: 'Expires In',
          cell: ({ updated, timeoutSeconds, expires }) => (
            <span class="number">
              {spanOf((expires ?? updated + timeoutSeconds * 1000) - context.clock.now())}
            </span>
          ),
        },
        {
          label: 'Action',
          isNarrow: true,
          isLabelHidden: true,
          cell: ({ id, username: name, created }) => (
            <button
              class="button danger"
              name="id"
              value={id}
              aria-label={`Remove ${rowName(name, created)}`}
            >
              Remove
            </button>
          ),
        },
      ]}
    />
  );
}

/** Tells one row from another, for screen readers. */
function rowName(username: string, created: number): string {
  return `the session of ${username} from ${new Date(created).toISOString()}`;
}

function named(sessions: readonly Session[], { context }: SetupCall): Shown[] {
  const usernames = new Map(context.users.list().map(({ id, username }) => [id, username]));
  const applications = new Map(context.clientApps.list().map(({ id, name }) => [id, name]));
  return sessions.map((session) => ({
    ...session,
    username: usernames.get(session.userId) ?? '',
    application: applications.get(session.clientAppId ?? ''),
  }));
}

function remove({ context, form }: SetupPost): Response {
  // The button of a row means that row, whatever is selected.
  const wanted = form.has('id') ? [form.text('id')] : form.all('selected');
  const alive = new Set(context.sessions.list().map(({ id }) => id));
  const removed = wanted.filter((id) => alive.has(id));
  context.database.transaction(() => {
    for (const id of removed) context.sessions.remove(id);
  });
  const view = new URLSearchParams(form.text('back'));
  view.delete('done');
  const query = view.size === 0 ? '' : `?${view.toString()}`;
  return seeOther(withOutcome(paths.sessionManagement + query, outcome(wanted, removed)));
}

function outcome(wanted: readonly string[], removed: readonly string[]): keyof typeof sentences {
  if (wanted.length === 0) return 'none';
  if (removed.length === 0) return 'gone';
  return removed.length === 1 ? 'removed' : 'several';
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.sessionManagement, handle: show },
  { method: 'POST', path: `${paths.sessionManagement}/remove`, handle: remove },
];
