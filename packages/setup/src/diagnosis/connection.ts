import { ClientError } from '@sfjwt/client';
import type { ClientErrorCode } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { fault, ok, troubleOf } from './finding.ts';
import { baseOf, hostAnswer } from './host-answer.ts';

/** Failures that other checks of the network tell. */
const told: ReadonlySet<ClientErrorCode> = new Set([
  'HOST_NOT_FOUND',
  'PROXY_REFUSED',
  'PROXY_UNREACHABLE',
  'SETTING_INVALID',
  'TLS_FAILED',
  'TLS_INTERCEPTED',
]);

/** Does anybody answer? */
export const connection: Check = {
  ground: 'network',
  name: 'connection',
  async run(examination) {
    const answer = await hostAnswer(examination);
    if (answer === undefined) return [];
    if (!(answer instanceof ClientError)) {
      return [ok(`${new URL(baseOf(examination.loginUrl ?? { tokenEndpoint: '' })).host} answers`)];
    }
    if (told.has(answer.code)) return [];
    return [fault(troubleOf(answer))];
  },
};
