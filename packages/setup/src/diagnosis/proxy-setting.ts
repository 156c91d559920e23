import { ClientError, proxyFor } from '@sfjwt/client';
import type { ClientErrorCode } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { fault, ok, troubleOf } from './finding.ts';
import { hostAnswer } from './host-answer.ts';

const proxyCodes: ReadonlySet<ClientErrorCode> = new Set([
  'PROXY_REFUSED',
  'PROXY_UNREACHABLE',
  'PROXY_PAGE',
]);

/** Is there a proxy on the way, and does it let us through? */
export const proxySetting: Check = {
  ground: 'network',
  name: 'proxy',
  async run(examination) {
    const { loginUrl, options } = examination;
    if (loginUrl === undefined) return [];
    let proxy: URL | undefined;
    try {
      proxy = proxyFor(new URL(loginUrl.tokenEndpoint), options.proxy, process.env);
    } catch (error) {
      return [fault(troubleOf(error))];
    }
    const answer = await hostAnswer(examination);
    if (answer instanceof ClientError && proxyCodes.has(answer.code)) {
      return [fault(troubleOf(answer))];
    }
    if (proxy === undefined) return [ok('No proxy on the way')];
    return [ok(`By the proxy ${proxy.host}`)];
  },
};
