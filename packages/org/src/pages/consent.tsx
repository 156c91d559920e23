import { scopeLabels } from '../policies/scopes.ts';
import { page } from './page.tsx';

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
  return page(
    <main class="narrow">
      <h1>Allow Access?</h1>
      <p>
        <strong>{appName}</strong> is asking to:
      </p>
      <ul>
        {[...labels].map((label) => (
          <li>{label}</li>
        ))}
      </ul>
      <p>Do you want to allow access for {username}?</p>
      <form method="post" action="/services/oauth2/authorize">
        <input type="hidden" name="request" value={request} />
        <input type="hidden" name="formToken" value={formToken} />
        <button type="submit" name="decision" value="deny">
          Deny
        </button>
        <button class="primary" type="submit" name="decision" value="allow">
          Allow
        </button>
      </form>
    </main>,
    { title: 'Allow Access?', formTargets },
  );
}
