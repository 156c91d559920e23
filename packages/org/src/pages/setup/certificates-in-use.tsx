import type { Child } from 'hono/jsx';
import { readCertificate } from '../../directory/certificate.ts';
import type { Certificate } from '../../directory/certificate.ts';
import type { ClientApp } from '../../directory/client-app.ts';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Instant } from '../elements/instant.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { appPath, paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

/** From here on the table warns. */
const soonDays = 30;
const dayMilliseconds = 86_400_000;

interface InUse extends Certificate {
  app: ClientApp;
}

/** Certificates in Use: by which certificates the signatures of programs are checked. */
function show(call: SetupCall): Response {
  const { clientApps, clock } = call.context;
  const certificates: InUse[] = clientApps
    .list()
    .flatMap((app) =>
      app.certificate === undefined ? [] : [{ ...readCertificate(app.certificate), app }],
    )
    .sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
  return setupPage(
    call,
    {
      title: 'Certificates in Use',
      lead: 'By these the signatures of programs are checked, the first to expire at the top. Salesforce goes on accepting a certificate that has expired, and so does this org.',
    },
    <Card isFull>
      {certificates.length === 0 ? (
        <EmptyState title="No certificate is in use">
          Upload one under "Use digital signatures" of an app in the{' '}
          <a href={paths.appManager}>App Manager</a>.
        </EmptyState>
      ) : (
        <Table
          caption={`${certificates.length} ${certificates.length === 1 ? 'certificate' : 'certificates'}`}
          rows={certificates}
          columns={[
            {
              label: 'App',
              isWide: true,
              cell: ({ app }) => (
                <a href={`${appPath(app.id, 'edit')}#certificate`}>
                  <bdi>{app.name}</bdi>
                </a>
              ),
            },
            { label: 'Subject', cell: ({ subject }) => <bdi>{subject || 'Empty'}</bdi> },
            {
              label: 'Fingerprint (SHA-256)',
              cell: ({ fingerprint256 }) => <code>{fingerprint256}</code>,
            },
            { label: 'Valid From', cell: ({ notBefore }) => <Instant at={notBefore.getTime()} /> },
            {
              label: 'Expiration Date',
              cell: ({ notAfter }) => <Instant at={notAfter.getTime()} />,
            },
            {
              label: 'Days Left',
              isNarrow: true,
              cell: (certificate) => daysLeft(certificate, clock.now()),
            },
          ]}
        />
      )}
    </Card>,
  );
}

function daysLeft({ notBefore, notAfter }: Certificate, now: number): Child {
  if (now < notBefore.getTime()) return <Status kind="warning">Not yet valid</Status>;
  const days = Math.floor((notAfter.getTime() - now) / dayMilliseconds);
  if (days < 0) return <Status kind="error">Expired</Status>;
  return <Status kind={days < soonDays ? 'warning' : 'success'}>{days}</Status>;
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.certificatesInUse, handle: show },
];
