import { createOrg } from '@sfjwt/org';

/** @type {import('../server-runner.mjs').OpenServer} */
export async function open(settings) {
  const { url } = await (await createOrg({ seed: settings.seed })).listen({ port: 0 });
  return {
    tokenEndpoint: `${url}/services/oauth2/token`,
    resource: `${url}/services/oauth2/userinfo`,
    apiResource: `${url}/services/data/v67.0/limits`,
  };
}
