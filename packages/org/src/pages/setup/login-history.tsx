import type { Child } from 'hono/jsx';
import type { LoginAttempt } from '../../sessions/login-history.ts';
import { OrgError } from '../../org-error.ts';
import { Card, Details } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Instant } from '../elements/instant.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { FilterForm } from './filter-form.tsx';
import { paths } from './navigation.ts';
import { RefusalNotice, TraceTable, refusalOf } from './refusal-notice.tsx';
import { remedyOf } from './remedy.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

const perPage = 50;

const outcomes = { '': 'All', refused: 'Refused' } as const;

/** Login History: every attempt, and of a refused one the step, and where it is cured. */
function show(call: SetupCall): Response {
  const { searchParams } = call.url;
  const username = (searchParams.get('username') ?? '').trim();
  const outcome = searchParams.get('outcome') ?? '';
  const before = searchParams.get('before');
  const found = call.context.loginHistory.list({
    limit: perPage + 1,
    username,
    isRefused: outcome === 'refused',
    ...(before === null ? {} : { before }),
  });
  const attempts = found.slice(0, perPage);
  const isFiltered = username !== '' || outcome !== '' || before !== null;
  return setupPage(
    call,
    {
      title: 'Login History',
      lead: 'Every attempt to log in, the newest first: token requests of programs, and people in a browser.',
    },
    <>
      <Card isFull>
        <FilterForm
          action={paths.loginHistory}
          filters={[
            { name: 'username', label: 'Username', value: username },
            { name: 'outcome', label: 'Status', value: outcome, choices: outcomes },
          ]}
        />
        {attempts.length === 0 ? (
          <EmptyState title={isFiltered ? 'No attempt fits' : 'No attempt yet'}>
            {isFiltered
              ? 'Try another filter.'
              : `Ask the token endpoint for a token: POST ${call.context.url()}/services/oauth2/token`}
          </EmptyState>
        ) : (
          <Table
            caption={before === null ? 'The newest attempts' : 'Older attempts'}
            rows={attempts}
            columns={[
              {
                label: 'Login Time',
                cell: ({ id, time }) => (
                  <a href={`${paths.loginHistory}/${id}`}>
                    <Instant at={time} />
                  </a>
                ),
              },
              { label: 'Username', isWide: true, cell: usernameOf },
              { label: 'Status', cell: (attempt) => <Outcome call={call} attempt={attempt} /> },
              {
                label: 'Application',
                cell: ({ application }) => <bdi>{application ?? none('Unknown')}</bdi>,
              },
              {
                label: 'Source IP',
                cell: ({ sourceIp }) => <code class="address">{sourceIp}</code>,
              },
              {
                label: 'Login Type',
                cell: ({ loginType }) => <span class="term">{loginType}</span>,
              },
            ]}
          />
        )}
      </Card>
      {found.length > perPage ? (
        <p>
          <a class="button" href={olderThan(call.url, attempts.at(-1))}>
            Older attempts
          </a>
        </p>
      ) : null}
    </>,
  );
}

function olderThan({ searchParams }: URL, attempt: LoginAttempt | undefined): string {
  const query = new URLSearchParams(searchParams);
  query.set('before', attempt?.id ?? '');
  return `${paths.loginHistory}?${query.toString()}`;
}

function none(word: string): Child {
  return <span class="quiet">{word}</span>;
}

function usernameOf({ username, userId }: LoginAttempt): Child {
  if (username === undefined) return none('Not named');
  if (userId === undefined) return <bdi>{username}</bdi>;
  return (
    <a href={`${paths.users}/${userId}`}>
      <bdi>{username}</bdi>
    </a>
  );
}

/** Status, and under that of a refused attempt why it was. */
function Outcome({ call, attempt }: { call: SetupCall; attempt: LoginAttempt }): Child {
  const { status, trace } = attempt;
  const refused = refusalOf(trace);
  const remedy = refused === undefined ? undefined : remedyOf(refused.rule, attempt, call.context);
  return (
    <>
      <Status kind={status === 'Success' ? 'success' : 'error'}>{status}</Status>
      {refused === undefined ? null : (
        <div class="why">
          <div>
            <span class="quiet">Step:</span> {refused.rule}
          </div>
          <div>
            <span class="quiet">Found:</span> <bdi>{refused.found}</bdi>
          </div>
          <div>
            <span class="quiet">Expected:</span> <bdi>{refused.expected}</bdi>
          </div>
          {remedy === undefined ? null : (
            <div>
              <span class="quiet">Cure:</span> <a href={remedy.href}>{remedy.label}</a>
            </div>
          )}
        </div>
      )}
    </>
  );
}

/** One attempt, step by step. */
function showAttempt(call: SetupCall): Response {
  const attempt = call.context.loginHistory.find(call.parameters['id'] ?? '');
  if (attempt === undefined) {
    throw new OrgError('NOT_FOUND', 'There is no such attempt');
  }
  const { status, trace, consumerKey } = attempt;
  const refused = refusalOf(trace);
  return setupPage(
    call,
    { title: 'Login Attempt', section: paths.loginHistory },
    <>
      {refused === undefined ? null : (
        <RefusalNotice
          refused={refused}
          status={status}
          remedy={remedyOf(refused.rule, attempt, call.context)}
        />
      )}
      <Card title="Attempt">
        <Details
          rows={[
            ['Status', <Status kind={status === 'Success' ? 'success' : 'error'}>{status}</Status>],
            ['Username', usernameOf(attempt)],
            ['Login Time', <Instant at={attempt.time} />],
            ['Application', <bdi>{attempt.application ?? none('Unknown')}</bdi>],
            [
              'Consumer Key',
              consumerKey === undefined ? none('Not named') : <code>{consumerKey}</code>,
            ],
            ['Source IP', <code>{attempt.sourceIp}</code>],
            ['Login Type', attempt.loginType],
            ['Login URL', <code>{attempt.loginUrl}</code>],
          ]}
        />
      </Card>
      <Card title="Trace" isFull>
        <TraceTable trace={trace} />
      </Card>
    </>,
  );
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.loginHistory, handle: show },
  { method: 'GET', path: `${paths.loginHistory}/:id`, handle: showAttempt },
];
