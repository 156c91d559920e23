import { Card } from '../elements/card.tsx';
import { navigation, paths, quickFind, setupHome, wordsOf } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

/** Setup Home: where to begin, and what Quick Find found. */
function show(call: SetupCall): Response {
  const typed = call.url.searchParams.get('find') ?? '';
  if (typed !== '') return showFound(call, typed);
  return setupPage(
    call,
    { title: 'Setup Home', lead: 'What an administrator of this org can see and change.' },
    <>
      <Card title="Sign in as a server: the JWT bearer flow">
        <ol class="steps">
          <li>
            Make a key and a certificate: <code>sfjwt key new</code>, or{' '}
            <code>openssl req -x509</code>.
          </li>
          <li>
            In the <a href={paths.appManager}>App Manager</a>, make an app, upload the certificate
            under "Use digital signatures", and choose its OAuth scopes.
          </li>
          <li>
            Under Manage, let users in: "Admin approved users are pre-authorized", and the profiles
            or permission sets that may use the app.
          </li>
          <li>Under View, copy the Consumer Key. With the private key it signs the assertion.</li>
        </ol>
      </Card>
      <ul class="tiles">
        {navigation.slice(1).flatMap(({ label, items }) =>
          items.map((item) => (
            <li>
              <a href={item.href}>
                <strong>{item.label}</strong>
                <span class="quiet small">{label}</span>
              </a>
            </li>
          )),
        )}
      </ul>
    </>,
  );
}

function showFound(call: SetupCall, typed: string): Response {
  const groups = quickFind(typed);
  return setupPage(
    call,
    { title: 'Quick Find', section: setupHome },
    <Card title={groups.length === 0 ? 'No page of Setup has these words' : 'Pages of Setup'}>
      {groups.length === 0 ? <p>Try a word such as app, user, session or login.</p> : null}
      <ul>
        {groups.flatMap(({ label, items }) =>
          items.map((item) => (
            <li data-words={wordsOf(item)}>
              {label}: <a href={item.href}>{item.label}</a>
            </li>
          )),
        )}
      </ul>
    </Card>,
  );
}

export const routes: readonly SetupRoute[] = [{ method: 'GET', path: setupHome, handle: show }];
