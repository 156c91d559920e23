import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ClientError, proxyFor } from '@sfjwt/client';
import type { Check, Examination } from './examination.ts';
import { fault, ok, skipped, troubleOf } from './finding.ts';
import type { Result } from './finding.ts';
import { baseOf, hostAnswer } from './host-answer.ts';

/** Does the name of the host lead anywhere? */
export const hostName: Check = {
  ground: 'network',
  name: 'host-name',
  async run(examination) {
    const { loginUrl } = examination;
    if (loginUrl === undefined) return [skipped('needs a login URL')];
    const { hostname } = new URL(loginUrl.tokenEndpoint);
    if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return [];
    const answer = await hostAnswer(examination);
    if (answer instanceof ClientError && answer.code === 'HOST_NOT_FOUND') {
      return [fault({ ...troubleOf(answer), evidence: [...spelling(hostname)] })];
    }
    return [await resolved(hostname, examination)];
  },
};

async function resolved(hostname: string, { options, loginUrl }: Examination): Promise<Result> {
  const url = new URL(baseOf(loginUrl ?? { tokenEndpoint: '' }));
  if (proxy(url, options.proxy) !== undefined) return ok(`${hostname} is looked up by the proxy`);
  try {
    const [first, ...others] = await lookup(hostname, { all: true });
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return ok(`${hostname} is ${first?.address ?? 'known'}${more}`);
  } catch {
    return skipped(`${hostname} was not looked up`);
  }
}

/** One that cannot be read is told by the check of the proxy. */
function proxy(url: URL, given: string | null | undefined): URL | undefined {
  try {
    return proxyFor(url, given, process.env);
  } catch {
    return undefined;
  }
}

const domains = ['.my.salesforce.com', '.sandbox.my.salesforce.com', '.develop.my.salesforce.com'];

/** What the name was probably meant to be. */
function spelling(hostname: string): { label: string; value: string }[] {
  if (domains.some((domain) => hostname.endsWith(domain))) {
    return [
      {
        label: 'note',
        value:
          'The ending is right: the name of the org (or of the sandbox) before it is not known.',
      },
    ];
  }
  const meant = hostname.replace(
    /\.(?:my\.)?s[a-z]*l[a-z]*f[a-z]*\.[a-z]+$/i,
    '.my.salesforce.com',
  );
  return meant === hostname ? [] : [{ label: 'perhaps meant', value: meant }];
}
