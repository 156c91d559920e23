import { scopeLabels } from '../policies/scopes.ts';
import { lonePage } from './page.tsx';

export interface ConsentPageOptions {
  appName: string;
  username: string;
  scopes: readonly string[];
  /** The authorization request, to come back with the decision. */
  request: string;
  formToken: string;
  formTargets: readonly string[];
}

/** Allow Access?: a user decides what an app may do. */
export function consentPage(options: ConsentPageOptions): Response {
  const { appName, username, scopes, request, formToken, formTargets } = options;
  // Several scopes share a label, as several boxes do in Setup.
  const labels = new Set(scopes.map((scope) => scopeLabels[scope] ?? scope));
  return lonePage(
    <>
      <h1>Allow Access?</h1>
      <p>
        <strong>
          <bdi>{appName}</bdi>
        </strong>{' '}
        is asking to:
      </p>
      <ul>
        {[...labels].map((label) => (
          <li>{label}</li>
        ))}
      </ul>
      <p>
        Do you want to allow access for <bdi>{username}</bdi>?
      </p>
      <form class="actions" method="post" action="/services/oauth2/authorize">
        <input type="hidden" name="request" value={request} />
        <input type="hidden" name="formToken" value={formToken} />
        <button class="button" type="submit" name="decision" value="deny">
          Deny
        </button>
        <button class="button primary" type="submit" name="decision" value="allow">
          Allow
        </button>
      </form>
    </>,
    { title: 'Allow Access?', formTargets },
  );
}
