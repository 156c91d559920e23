import type { Child } from 'hono/jsx';
import { eventStream } from '../../control/event-stream.ts';
import type { JournalEntry, TokenRequest } from '../../journal.ts';
import { isAdministrator } from '../../directory/profile.ts';
import type { OrgContext } from '../../org-context.ts';
import { OrgError } from '../../org-error.ts';
import { peekBrowserSession } from '../../sessions/browser-session.ts';
import { namedTargets, pathMatcher } from '../../request-target.ts';
import { Card, Details } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Instant, spanOf } from '../elements/instant.tsx';
import { Status } from '../elements/message.tsx';
import type { MessageKind } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { ActionButton } from './action-button.tsx';
import { FilterForm } from './filter-form.tsx';
import { paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { RefusalNotice, TraceTable, refusalOf } from './refusal-notice.tsx';
import { remedyOf } from './remedy.ts';
import { setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';
import { StandInNote } from './stand-in-note.tsx';

const mostShown = 100;

const sentences = { cleared: 'The requests were forgotten.' } as const;

const targets: Readonly<Record<string, string>> = {
  '': 'All',
  ...Object.fromEntries(namedTargets.filter((name) => name !== 'any').map((name) => [name, name])),
};

const answers: Readonly<Record<string, string>> = {
  '': 'All',
  '2': '2xx',
  '3': '3xx',
  '4': '4xx',
  '5': '5xx',
  broken: 'Connection broken',
};

/** Requests of people at these pages, which are not what clients do. */
const pagePaths = /^\/(?:$|lightning\/|resource\/|login$|secur\/|favicon\.ico$)/;

const isOfClient = ({ path }: JournalEntry): boolean => !pagePaths.test(path);

/** Request Monitor: what clients did, the newest first; it renews itself where there is a script. */
function show(call: SetupCall): Response {
  const { searchParams, search } = call.url;
  const path = searchParams.get('path') ?? '';
  const status = searchParams.get('status') ?? '';
  const username = (searchParams.get('username') ?? '').trim();
  const isPath = path === '' || !Object.hasOwn(targets, path) ? () => true : pathMatcher(path);
  const entries = call.context.requests
    .list(
      (entry) =>
        isOfClient(entry) &&
        isPath(entry.path) &&
        (status === '' || classOf(entry) === status) &&
        usernameOf(entry).toLowerCase().includes(username.toLowerCase()),
    )
    .toReversed();
  return setupPage(
    call,
    {
      title: 'Request Monitor',
      lead: 'What clients asked of this org, decoded, the newest first. No secret that could be used is kept.',
      message: outcomeOf(call, sentences),
      actions: (
        <>
          <button class="button" type="button" data-pause="#requests" hidden>
            Pause
          </button>
          <a class="button" href={paths.requestMonitor + search}>
            Refresh
          </a>
          <ActionButton call={call} action={`${paths.requestMonitor}/clear`} label="Clear" />
        </>
      ),
    },
    <>
      <StandInNote />
      <Card isFull>
        <FilterForm
          action={paths.requestMonitor}
          filters={[
            { name: 'path', label: 'Request', value: path, choices: targets },
            { name: 'status', label: 'Answer', value: status, choices: answers },
            { name: 'username', label: 'Username', value: username },
          ]}
        />
        <div id="requests" data-live={`${paths.requestMonitor}/events`}>
          {entries.length === 0 ? (
            <EmptyState title="No request yet">
              Let a client ask for a token: POST {call.context.url()}/services/oauth2/token
            </EmptyState>
          ) : (
            <Table
              caption={
                entries.length > mostShown
                  ? `The newest ${mostShown} of ${entries.length} requests`
                  : `${entries.length} ${entries.length === 1 ? 'request' : 'requests'}`
              }
              rows={entries.slice(0, mostShown)}
              columns={[
                {
                  label: 'Request',
                  isWide: true,
                  cell: ({ number, method, path: target }) => (
                    <a href={`${paths.requestMonitor}/${number}`}>
                      <code>
                        {method} <Breakable path={target} />
                      </code>
                    </a>
                  ),
                },
                { label: 'Answer', isNarrow: true, cell: answerOf },
                { label: 'What happened', cell: happenedOf },
                {
                  label: 'Username',
                  isWide: true,
                  cell: (entry) => <bdi>{usernameOf(entry)}</bdi>,
                },
                { label: 'Time', cell: ({ time }) => <Instant at={time} /> },
              ]}
            />
          )}
        </div>
      </Card>
    </>,
  );
}

/** A long path is broken at its slashes, where it has to be. */
function Breakable({ path }: { path: string }): Child {
  return path.split(/(?=\/)/).map((part) => (
    <>
      {part}
      <wbr />
    </>
  ));
}

function classOf({ status }: JournalEntry): string {
  return status === undefined ? 'broken' : String(status).charAt(0);
}

function usernameOf({ username, tokenRequest }: JournalEntry): string {
  const claims = tokenRequest?.assertion?.claims ?? {};
  const named = claims['prn'] ?? claims['sub'];
  return username ?? (typeof named === 'string' ? named : '');
}

function answerOf({ status }: JournalEntry): Child {
  if (status === undefined) return <Status kind="error">Broken</Status>;
  const kind: MessageKind = status < 300 ? 'success' : status < 400 ? 'info' : 'error';
  return <Status kind={kind}>{status}</Status>;
}

function happenedOf({ tokenRequest, fault, query }: JournalEntry): Child {
  const { q } = query;
  return (
    <>
      {fault === undefined ? null : <Status kind="warning">Fault {fault}</Status>}{' '}
      {tokenRequest === undefined ? null : (
        <>
          {tokenRequest.outcome}
          {tokenRequest.explanation === undefined ? null : (
            <div class="why">
              <bdi>{tokenRequest.explanation}</bdi>
            </div>
          )}
        </>
      )}
      {q === undefined ? null : <code>{q}</code>}
    </>
  );
}

/** One request, with its assertion decoded, and the steps of the token endpoint. */
function showRequest(call: SetupCall): Response {
  const number = Number(call.parameters['number']);
  const [entry] = call.context.requests.list((one) => one.number === number);
  if (entry === undefined) throw new OrgError('NOT_FOUND', 'There is no such request');
  const { tokenRequest } = entry;
  return setupPage(
    call,
    {
      title: `Request ${entry.number}`,
      lead: (
        <code>
          {entry.method} {entry.path}
        </code>
      ),
      section: paths.requestMonitor,
    },
    <>
      <StandInNote />
      {tokenRequest === undefined ? null : (
        <Refusal tokenRequest={tokenRequest} context={call.context} />
      )}
      <Card title="Request">
        <Details
          rows={[
            ['Answer', answerOf(entry)],
            ['Time', <Instant at={entry.time} />],
            ['Source IP', <code>{entry.sourceIp ?? 'in the process of the org'}</code>],
            ['Username', <bdi>{usernameOf(entry)}</bdi>],
            ...(entry.fault === undefined
              ? []
              : [['Fault', `Number ${entry.fault}, planned on purpose`] as const]),
          ]}
        />
      </Card>
      {tokenRequest?.assertion === undefined ? null : (
        <>
          <Card title="Header of the assertion">
            <Values values={tokenRequest.assertion.header} />
          </Card>
          <Card title="Claims of the assertion">
            <Values
              values={tokenRequest.assertion.claims}
              note={(name, value) => instantNote(name, value, entry.time)}
            />
          </Card>
        </>
      )}
      {tokenRequest === undefined ? null : (
        <Card title="Trace" isFull>
          <TraceTable trace={tokenRequest.trace} />
        </Card>
      )}
      <Card title="Parameters">
        <Values values={tokenRequest?.parameters ?? entry.query} />
      </Card>
      <Card title="Headers">
        <Values values={entry.headers} />
      </Card>
    </>,
  );
}

function Refusal({
  tokenRequest: { trace, outcome, assertion },
  context,
}: {
  tokenRequest: TokenRequest;
  context: OrgContext;
}): Child {
  const refused = refusalOf(trace);
  if (refused === undefined) return null;
  const { iss, sub, prn = sub } = assertion?.claims ?? {};
  const remedy = remedyOf(
    refused.rule,
    {
      userId: typeof prn === 'string' ? context.users.find(prn)?.id : undefined,
      consumerKey: typeof iss === 'string' ? iss : undefined,
    },
    context,
  );
  return <RefusalNotice refused={refused} status={outcome} remedy={remedy} />;
}

function Values({
  values,
  note = () => '',
}: {
  values: Readonly<Record<string, unknown>>;
  note?: (name: string, value: unknown) => string;
}): Child {
  const entries = Object.entries(values);
  if (entries.length === 0) return <p class="quiet">None.</p>;
  return (
    <Details
      rows={entries.map(
        ([name, value]) =>
          [
            name,
            <>
              <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>{' '}
              <span class="quiet small">{note(name, value)}</span>
            </>,
          ] as const,
      )}
    />
  );
}

/** Claims that are seconds since 1970, seen from when the request came. */
function instantNote(name: string, value: unknown, time: number): string {
  const isInstant = name === 'exp' || name === 'iat' || name === 'nbf';
  if (!isInstant || typeof value !== 'number') return '';
  const away = value * 1000 - time;
  if (!Number.isFinite(away)) return '';
  return away < 0 ? `${spanOf(-away)} before the request` : `${spanOf(away)} after the request`;
}

function clear({ context }: SetupPost): Response {
  context.requests.clear();
  return seeOther(withOutcome(paths.requestMonitor, 'cleared'));
}

/** Numbers alone: what a request holds is read from the page, which asks who is there. */
function events({ context, request }: SetupCall): Response {
  return eventStream(context.requests, {
    fits: isOfClient,
    tell: ({ number }) => number,
    isAllowed: () => {
      const bearer = peekBrowserSession(request, context);
      return bearer !== undefined && isAdministrator(bearer.user, context.profiles);
    },
  });
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.requestMonitor, handle: show },
  { method: 'GET', path: `${paths.requestMonitor}/events`, handle: events },
  { method: 'GET', path: `${paths.requestMonitor}/:number`, handle: showRequest },
  { method: 'POST', path: `${paths.requestMonitor}/clear`, handle: clear },
];
