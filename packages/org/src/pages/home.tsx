import type { Child } from 'hono/jsx';
import { isAdministrator } from '../directory/profile.ts';
import { acceptedAudiences } from '../oauth/accepted-audiences.ts';
import type { OrgContext } from '../org-context.ts';
import { findBrowserSession, formToken } from '../sessions/browser-session.ts';
import { Brand } from './elements/brand.tsx';
import { Card, Details } from './elements/card.tsx';
import { page } from './page.tsx';
import { GearMenu, UserMenu } from './setup/setup-page.tsx';
import { themeOf } from './theme.ts';

/**
 * What a person sees who opens the URL of the org: where things are. Nothing here is secret, so it
 * is there for a visitor too; the gear is for an administrator.
 */
export function homePage(request: Request, context: OrgContext): Response {
  const { organization, profiles } = context;
  const url = context.url();
  const user = findBrowserSession(request, context)?.user;
  return page(
    <>
      <header class="bar">
        <Brand />
        <span class="space" />
        {user === undefined ? (
          <a class="bar-button" href="/login">
            Log In
          </a>
        ) : (
          <>
            {isAdministrator(user, profiles) ? <GearMenu /> : null}
            <UserMenu call={formCall(request, context)} name={user.name} username={user.username} />
          </>
        )}
      </header>
      <main class="page home">
        <div class="page-head">
          <div>
            <h1>{organization.name}</h1>
            <p>
              A local stand-in for a Salesforce {organization.kind} org. It is not Salesforce, and
              holds nothing but what was put in here.
            </p>
          </div>
        </div>
        {nextStep(user !== undefined, user !== undefined && isAdministrator(user, profiles))}
        <Card title="Where programs find it">
          <Details
            rows={[
              ['Organization ID', <code>{organization.id}</code>],
              ['Token endpoint', <code>POST {url}/services/oauth2/token</code>],
              [
                'Accepted audiences',
                <ul>
                  {acceptedAudiences(organization.kind, url).map((audience) => (
                    <li>
                      <code>{audience}</code>
                    </li>
                  ))}
                </ul>,
              ],
              [
                'REST API',
                <code>
                  <a href="/services/data">{url}/services/data</a>
                </code>,
              ],
              [
                'Who is signed in',
                <code>SELECT CreatedDate, SessionType, SourceIp FROM AuthSession</code>,
              ],
              [
                'Who was refused, and why',
                <code>
                  SELECT LoginTime, Status, Application FROM LoginHistory ORDER BY LoginTime DESC
                </code>,
              ],
            ]}
          />
        </Card>
      </main>
    </>,
    { title: organization.name, theme: themeOf(request), hasScript: true },
  );
}

function formCall(request: Request, context: OrgContext): { formToken: string } {
  return { formToken: formToken(request, context).token };
}

function nextStep(isSignedIn: boolean, isAdmin: boolean): Child {
  if (!isSignedIn) {
    return (
      <p>
        <a class="button primary" href="/login">
          Log In
        </a>
      </p>
    );
  }
  return isAdmin ? (
    <p>Everything an administrator can see and change is under Setup: the gear, top right.</p>
  ) : (
    <p>You are logged in. Setup is for users with the profile System Administrator.</p>
  );
}
