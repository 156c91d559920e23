// GitHub's variant of the flow: an assertion goes out, an installation token comes back.
import { createAppAuth } from '@octokit/auth-app';
import { request } from '@octokit/request';

export function open({ privateKey, loginUrl: baseUrl }) {
  const auth = createAppAuth({
    appId: 1,
    installationId: 2,
    privateKey,
    request: request.defaults({ baseUrl }),
  });
  return {
    token: async () => (await auth({ type: 'installation' })).token,
    reuse: () => auth({ type: 'installation' }),
    exchange: async () => (await auth({ type: 'installation', refresh: true })).token,
  };
}
