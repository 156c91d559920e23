import { renderToString } from 'hono/jsx/dom/server';
import { acceptedAudiences } from '../oauth/accepted-audiences.ts';
import type { OrgContext } from '../org-context.ts';

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
  dt { font-weight: 600; margin-top: .75rem; } dd { margin: 0; }
  code { font: 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
`;

/** What a person sees who opens the URL of the org: where things are. Nothing here is secret. */
export function homePage(context: OrgContext): Response {
  const { organization } = context;
  const url = context.url();
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{organization.name} - sfjwt</title>
        <style>{style}</style>
      </head>
      <body>
        <main>
          <h1>{organization.name}</h1>
          <p>
            A local stand-in for a Salesforce {organization.kind} org. It is not Salesforce, and
            holds nothing but what was put in here.
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
        </main>
      </body>
    </html>
  );
  return new Response(`<!doctype html>${renderToString(page)}`, {
    headers: {
      'content-type': 'text/html;charset=UTF-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  });
}
