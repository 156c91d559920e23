import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { ClientError, proxyFor } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { fault, ok, troubleOf, warning } from './finding.ts';
import type { Result, Trouble } from './finding.ts';
import { hostAnswer } from './host-answer.ts';
import { kindOfHost } from './host-kind.ts';
import { shakeHands } from './tls-handshake.ts';
import type { Handshake } from './tls-handshake.ts';

/** Who vouches for the host: a public authority, or a proxy that reads along? */
export const tlsIssuer: Check = {
  ground: 'network',
  name: 'tls',
  async run(examination) {
    const { loginUrl, options, timeoutMilliseconds } = examination;
    if (loginUrl === undefined || !loginUrl.tokenEndpoint.startsWith('https:')) return [];
    const answer = await hostAnswer(examination);
    const failed =
      answer instanceof ClientError && answer.code.startsWith('TLS_') ? answer : undefined;
    if (answer instanceof ClientError && failed === undefined) return [];
    const url = new URL(loginUrl.tokenEndpoint);
    const proxy = proxyFor(url, options.proxy, process.env);
    const handshake = await shakeHands(url, { proxy, timeoutMilliseconds });
    if (failed !== undefined) return [fault(tlsTrouble(failed, handshake, url))];
    if (handshake === undefined) return [ok('The certificate of the host is trusted')];
    return [judgeIssuer(handshake, url)];
  },
};

function tlsTrouble(failed: ClientError, handshake: Handshake | undefined, url: URL): Trouble {
  const { hostname } = url;
  const trouble = troubleOf(failed);
  if (handshake === undefined) return trouble;
  const { subject, issuer, validFrom, validTo, names, reason } = handshake;
  const evidence = [
    { label: 'certificate of', value: subject },
    { label: 'issued by', value: issuer },
    { label: 'valid', value: `${validFrom.slice(0, 10)} to ${validTo.slice(0, 10)}` },
    { label: 'refused because', value: reason ?? 'it is not trusted' },
  ];
  if (reason === 'CERT_HAS_EXPIRED' || reason === 'CERT_NOT_YET_VALID') {
    return {
      ...trouble,
      says: `The TLS certificate of ${hostname} is valid from ${validFrom.slice(0, 10)} to ${validTo.slice(0, 10)} only`,
      evidence,
      cure: {
        advice:
          'Check the clock of this machine first (date); if it is right, tell whoever runs the host or the proxy before it.',
        command: 'date -u',
      },
    };
  }
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      ...trouble,
      says: `The TLS certificate is for ${names}, not for ${hostname}`,
      evidence,
      cure: { advice: 'Check the login URL for a typing mistake; Setup > My Domain names it.' },
    };
  }
  if (/SELF_SIGNED|UNABLE_TO/.test(reason ?? '') && isSalesforce(url)) {
    return {
      ...trouble,
      code: 'TLS_INTERCEPTED',
      says: `Something between here and ${url.hostname} reads TLS, with a certificate by ${issuer}`,
      evidence,
      cure: {
        advice:
          'A proxy that inspects TLS signs with a certificate of its own: trust its authority, as NODE_EXTRA_CA_CERTS=/path/ca.pem',
        otherwise: [
          'Better ask who runs it to let *.salesforce.com pass untouched: it sees assertions and tokens.',
          'Never set NODE_TLS_REJECT_UNAUTHORIZED: whoever answers then could take the assertion.',
        ],
      },
    };
  }
  return { ...trouble, evidence };
}

function isSalesforce({ origin }: URL): boolean {
  return !/no address of Salesforce|this machine/.test(kindOfHost(origin).says);
}

function judgeIssuer({ issuer: by, root, subject }: Handshake, url: URL): Result {
  const { host } = url;
  const says = `TLS certificate of ${host} issued by ${by}`;
  if (!isSalesforce(url) || root === undefined || isPublic(root)) return ok(says);
  return warning({
    code: 'TLS_INSPECTED',
    says: `A proxy reads the TLS connection: ${by} vouches for ${host}, and no public authority does`,
    evidence: [
      { label: 'certificate of', value: subject },
      { label: 'issued by', value: by },
    ],
    cure: {
      advice:
        'It is trusted on this machine, so sign-ins work; ask who runs the proxy to let *.salesforce.com pass untouched, since it sees assertions and tokens.',
    },
  });
}

let publicRoots: ReadonlySet<string> | undefined;

/** Whether it is one of the authorities that come with Node. */
function isPublic(fingerprint256: string): boolean {
  publicRoots ??= new Set(rootCertificates.map((pem) => new X509Certificate(pem).fingerprint256));
  return publicRoots.has(fingerprint256);
}
