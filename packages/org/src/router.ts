import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { csrf } from 'hono/csrf';
import { getPath } from 'hono/utils/url';
import { notFound } from './data/rest-error.ts';
import { dataRoutes } from './data/routes.ts';
import { authorize, decide } from './oauth/authorize.ts';
import { discovery, publishedKeys } from './oauth/discovery.ts';
import { identity, identityUrl, userinfo } from './oauth/identity.ts';
import { introspect } from './oauth/introspect.ts';
import { revoke } from './oauth/revoke.ts';
import { frontdoor, singleAccess } from './oauth/single-access.ts';
import { token } from './oauth/token.ts';
import type { OrgContext } from './org-context.ts';
import type { Faults } from './faults.ts';
import { withOneSlash } from './request-target.ts';
import { requireApiSession } from './sessions/bearer.ts';
import { askToLogOut, login, logout, showLogin } from './sessions/login.ts';

/** What the socket knows of a request; nothing of it when there is no socket. */
export interface ConnectionInfo {
  sourceIp?: string;
}

export interface RouterEnvironment {
  Bindings: ConnectionInfo;
}

/** Every path of the org. Paths are Salesforce's own. */
export function createRouter(context: OrgContext, faults: Faults): Hono<RouterEnvironment> {
  const router = new Hono<RouterEnvironment>({
    getPath: (request) => withOneSlash(getPath(request)),
  });
  const { database, catalogue, records, apiUsage, clock } = context;

  router.all('/services/oauth2/token', (c) => token(c.req.raw, context, sourceOf(c)));
  router.all('/:site/services/oauth2/token', (c) => {
    const site = context.sites.find(c.req.param('site'));
    return site === undefined ? c.notFound() : token(c.req.raw, context, { ...sourceOf(c), site });
  });
  router.get('/services/oauth2/authorize', (c) => authorize(c.req.raw, context));
  router.post('/services/oauth2/authorize', csrf(), (c) => decide(c.req.raw, context));
  router.get('/login', (c) => showLogin(c.req.raw, context));
  router.post('/login', csrf(), (c) => login(c.req.raw, context, sourceOf(c)));
  router.on(['GET'], ['/services/auth/idp/oidc/logout', '/secur/logout.jsp'], (c) =>
    askToLogOut(c.req.raw, context),
  );
  router.on(['POST'], ['/services/auth/idp/oidc/logout', '/secur/logout.jsp'], csrf(), (c) =>
    logout(c.req.raw, context),
  );
  router.get('/.well-known/openid-configuration', (c) => discovery(c.req.raw));
  router.get('/id/keys', () => publishedKeys(context));
  router.on(['GET', 'POST'], '/services/oauth2/singleaccess', (c) =>
    singleAccess(c.req.raw, context),
  );
  router.on(['GET', 'POST'], '/secur/frontdoor.jsp', (c) =>
    frontdoor(c.req.raw, context, sourceOf(c)),
  );
  router.on(['GET', 'POST'], '/services/oauth2/userinfo', (c) => userinfo(c.req.raw, context));
  router.post('/services/oauth2/introspect', (c) => introspect(c.req.raw, context));
  router.on(['GET', 'POST'], '/services/oauth2/revoke', (c) => revoke(c.req.raw, context));
  router.get('/id/:organizationId/:userId', (c) => identity(c.req.raw, c.req.param(), context));
  // Loaded by the first who deploys: most orgs are never deployed to.
  router.all('/services/data/:version/metadata/*', async (c) => {
    const { answerMetadataRest } = await import('./metadata/routes.ts');
    return answerMetadataRest(c.req.raw, context);
  });
  router.all('/services/data/:version/apps/*', async (c) => {
    const { answerConnect } = await import('./connect/routes.ts');
    return answerConnect(c.req.raw, context);
  });
  router.on(
    'POST',
    ['/services/Soap/m/:version', '/services/Soap/m/:version/:organizationId'],
    async (c) => {
      const { answerSoap } = await import('./metadata/routes.ts');
      return answerSoap(c.req.raw, context);
    },
  );
  router.route(
    '/',
    dataRoutes({
      database,
      catalogue,
      records,
      usage: apiUsage,
      now: () => clock.now(),
      authenticate: (request) => {
        const { user, session } = requireApiSession(request, context);
        return { userId: user.id, sessionId: session.id };
      },
      identityUrl: (userId) => {
        const user = context.users.findById(userId);
        return user === undefined ? '' : identityUrl(user, context);
      },
    }),
  );
  router.get('/resource/:print/:name', async (c) => {
    const { serveAsset } = await import('./pages/assets.ts');
    return serveAsset(c.req.param());
  });
  router.get('/', async (c) => {
    const { homePage } = await import('./pages/home.tsx');
    return homePage(c.req.raw, context);
  });
  // Loaded by the first person who opens it: most orgs are used by programs alone.
  let setup: Promise<Hono<RouterEnvironment>> | undefined;
  router.all('/lightning/*', async (c) => {
    setup ??= import('./pages/setup/routes.ts').then(({ setupRoutes }) =>
      setupRoutes({ context, faults }),
    );
    return (await setup).fetch(c.req.raw, c.env);
  });
  // Said aloud, in Salesforce's words, of all that is not served: SOAP, Bulk, Apex REST.
  router.notFound(() => notFound().toResponse());
  router.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    // A client that went away in the middle of its body: nobody is there to be answered.
    if (hasCode(error, 'ECONNRESET')) return c.body(null, 400);
    console.error(error);
    return c.text('Internal Server Error', 500);
  });
  return router;
}

function hasCode(error: Error, code: string): boolean {
  return 'code' in error && error.code === code;
}

function sourceOf({ env }: { env: ConnectionInfo }): { sourceIp: string } {
  return { sourceIp: env.sourceIp ?? '127.0.0.1' };
}
