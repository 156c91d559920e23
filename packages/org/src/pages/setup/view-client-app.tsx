/** View: an app with its Consumer Key, its certificate and its scopes. */

import type { Child } from 'hono/jsx';
import { readCertificate } from '../../directory/certificate.ts';
import { clientAppLabels } from '../../directory/client-app.ts';
import type { ClientApp } from '../../directory/client-app.ts';
import type { OrgContext } from '../../org-context.ts';
import { preAuthorizedUsername } from '../../policies/permitted-users.ts';
import { scopeChoices } from '../../policies/scopes.ts';
import { Card, Details } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Message, Status } from '../elements/message.tsx';
import type { MessageProps } from '../elements/message.tsx';
import { statusOf } from './app-list.tsx';
import { isChosen, labelOf } from './client-app-form.tsx';
import { appPath, paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

function show(call: SetupCall): Response {
  const { context, parameters, url } = call;
  const app = context.clientApps.getById(parameters['id'] ?? '');
  return setupPage(
    call,
    {
      title: app.name,
      lead: clientAppLabels[app.kind],
      section: paths.appManager,
      message: saved[url.searchParams.get('saved') ?? ''],
      actions: (
        <>
          <a class="button primary" href={appPath(app.id, 'manage')}>
            Manage
          </a>
          <a class="button" href={appPath(app.id, 'edit')}>
            Edit
          </a>
          <a class="button danger" href={appPath(app.id, 'delete')}>
            Delete
          </a>
        </>
      ),
    },
    <>
      <Card title="Basic Information">
        <Details
          rows={[
            ['Name', <bdi>{app.name}</bdi>],
            ['API Name', <code>{app.apiName}</code>],
            ['Contact Email', app.contactEmail],
            ...detailRows.flatMap(([name, label]) =>
              app[name] === '' ? [] : [[label, <bdi>{app[name]}</bdi>] as const],
            ),
            ['Status', statusOf(app)],
          ]}
        />
      </Card>
      <OauthSettings app={app} showsSecret={url.searchParams.get('reveal') === 'secret'} />
      {app.isOauthEnabled ? <CertificateCard app={app} now={context.clock.now()} /> : null}
      {app.isOauthEnabled ? <SignIn app={app} context={context} /> : null}
    </>,
  );
}

/** Of the details that were entered. Addresses are text: nothing here leads out of this org. */
const detailRows = [
  ['contactPhone', 'Contact Phone'],
  ['logoUrl', 'Logo Image URL'],
  ['iconUrl', 'Icon URL'],
  ['infoUrl', 'Info URL'],
  ['startUrl', 'Start URL'],
  ['description', 'Description'],
] as const;

const effect =
  'In Salesforce a change can take up to ten minutes to take effect; here it took effect at once.';

const saved: Readonly<Record<string, MessageProps>> = {
  new: {
    kind: 'success',
    children: `The app was saved. ${effect} Next: Manage, to say who may use it.`,
  },
  app: { kind: 'success', children: `The app was saved. ${effect}` },
};

function OauthSettings({ app, showsSecret }: { app: ClientApp; showsSecret: boolean }): Child {
  if (!app.isOauthEnabled) {
    return (
      <Card title="API (Enable OAuth Settings)" isFull>
        <EmptyState
          title="OAuth settings are not enabled"
          actions={
            <a class="button" href={appPath(app.id, 'edit')}>
              Edit
            </a>
          }
        >
          No program can sign in through this app. Edit it, and check Enable OAuth Settings.
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card title="API (Enable OAuth Settings)">
      <Details
        rows={[
          [
            'Consumer Key',
            <>
              <code id="consumer-key">{app.consumerKey}</code>{' '}
              <button class="button compact" type="button" data-copy="#consumer-key" hidden>
                Copy
              </button>
            </>,
          ],
          [
            'Consumer Secret',
            showsSecret ? (
              <>
                <code id="consumer-secret">{app.consumerSecret}</code>{' '}
                <button class="button compact" type="button" data-copy="#consumer-secret" hidden>
                  Copy
                </button>{' '}
                <a href={appPath(app.id, 'view')}>Hide</a>
              </>
            ) : (
              <>
                <a href={`${appPath(app.id, 'view')}?reveal=secret`}>Click to reveal</a>
                <span class="quiet"> (the JWT bearer flow does not need it)</span>
              </>
            ),
          ],
          [
            'Callback URL',
            <ul>
              {app.callbackUrl.split('\n').map((url) => (
                <li>
                  <bdi>{url}</bdi>
                </li>
              ))}
            </ul>,
          ],
          [
            'Selected OAuth Scopes',
            <ul>
              {scopeChoices
                .filter((choice) => isChosen(choice, app.scopes))
                .map((choice) => (
                  <li>{labelOf(choice)}</li>
                ))}
            </ul>,
          ],
          ['Require PKCE', yesOrNo(app.isPkceRequired)],
          ['Require Secret', yesOrNo(!app.isConsumerSecretOptional)],
          ['Introspect All Tokens', yesOrNo(app.isIntrospectAllTokens)],
          ['JWT-based access tokens', yesOrNo(app.jwtAccessTokens)],
        ]}
      />
    </Card>
  );
}

function yesOrNo(value: boolean): string {
  return value ? 'Yes' : 'No';
}

const day = 24 * 3_600_000;

/** What an expiring certificate means is told too: Salesforce does not look at its dates. */
function CertificateCard({ app, now }: { app: ClientApp; now: number }): Child {
  const title =
    app.kind === 'connectedApp'
      ? 'Use digital signatures: certificate'
      : 'Enable JWT Bearer Flow: certificate';
  const edit = `${appPath(app.id, 'edit')}#certificate`;
  if (app.certificate === undefined) {
    return (
      <Card title={title} isFull>
        <EmptyState
          title="No certificate yet"
          actions={
            <a class="button" href={edit}>
              Upload a certificate
            </a>
          }
        >
          Without one no assertion is accepted. Upload the .crt that was made with your private key.
        </EmptyState>
      </Card>
    );
  }
  const { subject, fingerprint256, notBefore, notAfter } = readCertificate(app.certificate);
  const daysLeft = Math.floor((notAfter.getTime() - now) / day);
  const isExpired = notAfter.getTime() <= now;
  return (
    <Card
      title={title}
      actions={
        <a class="button" href={edit}>
          Replace
        </a>
      }
    >
      {isExpired ? (
        <Message kind="warning">
          The certificate has expired. Salesforce accepts it all the same: it looks at the key, not
          at the dates.
        </Message>
      ) : null}
      <Details
        rows={[
          ['Subject', <bdi>{subject}</bdi>],
          ['Fingerprint (SHA-256)', <code>{fingerprint256}</code>],
          [
            'Valid',
            <span class="number">
              {dateOf(notBefore)} to {dateOf(notAfter)}
            </span>,
          ],
          [
            'Days left',
            isExpired ? (
              <Status kind="error">Expired</Status>
            ) : (
              <Status kind={daysLeft < 30 ? 'warning' : 'success'}>
                {daysLeft.toLocaleString('en-US')} {daysLeft === 1 ? 'day' : 'days'}
              </Status>
            ),
          ],
        ]}
      />
    </Card>
  );
}

function dateOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** From here to a token: the command with everything that is known filled in. */
function SignIn({ app, context }: { app: ClientApp; context: OrgContext }): Child {
  const username = preAuthorizedUsername(app, context.database);
  return (
    <Card title="Sign in through this app">
      <p>With the private key that belongs to the certificate:</p>
      <pre tabindex={0} role="region" aria-label="Command">
        sfjwt token --instance-url {context.url()} \{'\n'}
        {'  '}--client-id {app.consumerKey} \{'\n'}
        {'  '}--username {username === undefined ? 'USERNAME' : shellWord(username)} --jwt-key-file
        salesforce.key
      </pre>
      {username === undefined ? (
        <p class="quiet">
          No user is pre-authorized yet:{' '}
          <a href={appPath(app.id, 'manage')}>choose who is, under Manage</a>.
        </p>
      ) : null}
    </Card>
  );
}

/** As a shell takes it to the letter. */
function shellWord(text: string): string {
  return /^[\w.@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: appPath(':id', 'view'), handle: show },
];
