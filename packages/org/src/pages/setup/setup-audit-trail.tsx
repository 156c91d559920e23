import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Instant } from '../elements/instant.tsx';
import { Table } from '../elements/table.tsx';
import { paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

/** Older ones are found by SOQL, in SetupAuditTrail. */
const mostShown = 200;

/** Setup Audit Trail: who changed what in Setup, and when. */
function show(call: SetupCall): Response {
  const { records, users } = call.context;
  const entries = records.list(
    'SetupAuditTrail',
    {},
    { orderBy: 'CreatedDate DESC, Id DESC', limit: mostShown },
  );
  const usernames = new Map(users.list().map(({ id, username }) => [id, username]));
  return setupPage(
    call,
    {
      title: 'Setup Audit Trail',
      lead: 'Who changed what in Setup, by a page, by the REST API, or by a program in the process of the org.',
    },
    <Card isFull>
      {entries.length === 0 ? (
        <EmptyState title="Nothing was changed yet">
          Each change in Setup leaves its line here.
        </EmptyState>
      ) : (
        <Table
          caption={`The last ${entries.length === 1 ? 'change' : `${entries.length} changes`}, the newest first`}
          rows={entries}
          columns={[
            { label: 'Date', cell: (row) => <Instant at={Number(row['CreatedDate'])} /> },
            {
              label: 'User',
              isWide: true,
              cell: (row) => <bdi>{usernames.get(String(row['CreatedById'])) ?? ''}</bdi>,
            },
            { label: 'Action', cell: (row) => <bdi>{String(row['Display'])}</bdi> },
            { label: 'Section', cell: (row) => String(row['Section']) },
          ]}
        />
      )}
    </Card>,
  );
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.setupAuditTrail, handle: show },
];
