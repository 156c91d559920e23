import { acceptedAudiences } from '../oauth/accepted-audiences.ts';
import type { OrgContext } from '../org-context.ts';
import { page } from './page.tsx';

/** What a person sees who opens the URL of the org: where things are. Nothing here is secret. */
export function homePage(context: OrgContext): Response {
  const { organization } = context;
  const url = context.url();
  return page(
    <main>
      <h1>{organization.name}</h1>
      <p>
        A local stand-in for a Salesforce {organization.kind} org. It is not Salesforce, and holds
        nothing but what was put in here.
      </p>
      <dl>
        <dt>Organization ID</dt>
        <dd>
          <code>{organization.id}</code>
        </dd>
        <dt>Token endpoint</dt>
        <dd>
          <code>POST {url}/services/oauth2/token</code>
        </dd>
        <dt>Accepted audiences</dt>
        {acceptedAudiences(organization.kind, url).map((audience) => (
          <dd>
            <code>{audience}</code>
          </dd>
        ))}
        <dt>REST API</dt>
        <dd>
          <code>
            <a href="/services/data">{url}/services/data</a>
          </code>
        </dd>
        <dt>Who is signed in, and who was refused and why</dt>
        <dd>
          <code>SELECT CreatedDate, SessionType, SourceIp FROM AuthSession</code>
        </dd>
        <dd>
          <code>
            SELECT LoginTime, Status, Application FROM LoginHistory ORDER BY LoginTime DESC
          </code>
        </dd>
      </dl>
    </main>,
    { title: organization.name },
  );
}
