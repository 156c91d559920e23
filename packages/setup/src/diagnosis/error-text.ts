/**
 * What somebody pasted: words of Salesforce, as `sf`, jsforce, simple-salesforce, curl or a log
 * passes them on, or those of the network and of crypto libraries below. Read without asking anybody.
 */

import { clientErrorCodes } from '@sfjwt/client';
import type { ClientErrorCode } from '@sfjwt/client';
import { apiRefusals, refusals } from '@sfjwt/client/refusals';
import type { Diagnosis } from './diagnosis.ts';
import type { CauseCode } from './cause.ts';
import type { Finding, Ground } from './finding.ts';

/** @param text what was printed, whole or in part */
export function explainError(text: string): Diagnosis {
  const found = rows
    .flatMap((row) => {
      const at = text.search(row.matches);
      return at === -1 ? [] : [{ row, at }];
    })
    // `sf` tells of every pair of host and audience it tried: the first is the one that was meant.
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => row);
  const [first, ...others] = found.filter(
    ({ code }, at) => found.findIndex((other) => other.code === code) === at,
  );
  if (first === undefined) {
    const finding = unknownWords();
    return { isHealthy: false, cause: finding, findings: [finding] };
  }
  const cause = findingOf(first, 'fault');
  return {
    isHealthy: false,
    cause,
    findings: [cause, ...others.map((row) => findingOf(row, 'warning'))],
  };
}

interface Row {
  readonly code: CauseCode;
  readonly ground: Ground;
  readonly matches: RegExp;
  readonly means: string;
  readonly advice: readonly string[];
  readonly command?: string;
}

function findingOf(
  { code, ground, means, advice, command }: Row,
  state: 'fault' | 'warning',
): Finding {
  const [first = '', ...otherwise] = advice;
  const cure = { advice: first, otherwise, ...(command === undefined ? {} : { command }) };
  return { ground, check: 'error-text', state, code, says: means, evidence: [], cure };
}

function unknownWords(): Finding {
  return {
    ground: 'signIn',
    check: 'error-text',
    state: 'fault',
    code: 'ERROR_TEXT_UNKNOWN',
    says: 'These words are not in the catalogue',
    evidence: [],
    cure: {
      advice: 'Let sfjwt try it itself: it looks at each step, from the key up.',
      command:
        'sfjwt doctor --instance-url URL --client-id KEY --username NAME --jwt-key-file FILE',
    },
  };
}

/** Other words for a refusal of the catalogue: older, of other endpoints, of Login History. */
const otherWords: Partial<Record<ClientErrorCode, string>> = {
  USER_NOT_ADMIN_APPROVED:
    'not admin approved to access|invalid_app_access|OAUTH_APP_ACCESS_DENIED|Failed: Not approved for access',
  AUDIENCE_INVALID:
    'audience is invalid|audience validation failed|Audience Invalid|invalid audience',
  ASSERTION_INVALID: 'invalid assertion|Failed: (?:Signature|Assertion) Invalid|INVALID_DSIG',
  ASSERTION_EXPIRED: 'expired authorization code|Failed: Assertion Expired',
  CLIENT_ID_UNKNOWN: 'invalid_client_id|client identifier invalid|Failed: Consumer Deleted',
  CLIENT_APP_NOT_FOUND: 'app_not_found|External client app is not installed|OAUTH_EC_APP_NOT_FOUND',
  CLIENT_APP_BLOCKED: 'app is blocked|OAUTH_APP_BLOCKED|Failed: App Blocked',
  IP_RESTRICTED: 'ip restricted(?! or)|Restricted IP|IP Address Not Allowed',
  LOGIN_HOURS_RESTRICTED: 'invalid login hours|Restricted time',
  USER_INACTIVE: 'inactive_user|user is inactive|User is (?:inactive|frozen)',
  ORG_INACTIVE: 'inactive_org|organization is locked',
  GRANT_TYPE_UNSUPPORTED: 'unsupported_grant_type|grant type not supported',
  SALESFORCE_BUSY: String.raw`unknown_error|retry your request`,
};

/** The rows of the catalogue; the first that stands for a code speaks for it. */
const salesforceRows: readonly Row[] = refusals.map(
  ({ code, error, description, meaning, hints }): Row => ({
    code,
    ground: 'signIn',
    // A blank in Salesforce's words is a line break in a terminal; an apostrophe may be escaped.
    matches: loosely(
      otherWords[code] ?? (description === undefined ? (error ?? '$^') : escaped(description)),
    ),
    means: meaning,
    advice: hints,
  }),
);

const apiRows: readonly Row[] = apiRefusals.map(({ code, matches, meaning, hints }): Row => ({
  code,
  ground: 'session',
  matches,
  means: meaning,
  advice: hints,
}));

function escaped(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function loosely(pattern: string): RegExp {
  return new RegExp(
    pattern.replaceAll(' ', String.raw`\s+`).replaceAll("'", String.raw`\\?['’]`),
    'i',
  );
}

const network: readonly Row[] = [
  {
    code: 'PROXY_REFUSED',
    ground: 'network',
    matches:
      /tunneling socket could not be established|Proxy Authentication Required|from proxy after CONNECT|Tunnel connection failed|Unable to connect to proxy|ProxyError|CONNECT tunnel failed/i,
    means: 'A proxy on the way did not let the connection through',
    advice: [
      'Set HTTPS_PROXY, with user and password if the proxy wants them, or ask who runs it to allow this host.',
    ],
  },
  {
    code: 'HOST_NOT_FOUND',
    ground: 'network',
    matches:
      /ENOTFOUND|EAI_AGAIN|could not resolve host|name or service not known|nodename nor servname|NameResolutionError|getaddrinfo failed|UnknownHostException|no such host|failure in name resolution/i,
    means: 'There is no host of that name, or no name server that knows it',
    advice: [
      'Check the login URL for a typing mistake; Setup > My Domain names it.',
      'Check the name server of this machine, and whether a proxy has to be set (HTTPS_PROXY).',
    ],
  },
  {
    code: 'CONNECTION_REFUSED',
    ground: 'network',
    matches: /ECONNREFUSED|connection refused|actively refused/i,
    means: 'Nobody listens at that host and port',
    advice: ['Check host and port of the login URL; start a local org with: sfjwt org'],
  },
  {
    code: 'TLS_INTERCEPTED',
    ground: 'network',
    matches:
      /SELF_SIGNED_CERT_IN_CHAIN|self[- ]signed certificate in certificate chain|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY)\w*|unable to get (?:local )?issuer certificate|unable to verify the first certificate|PKIX path building failed|CERTIFICATE_VERIFY_FAILED|signed by unknown authority|SSL certificate problem/i,
    means: 'The certificate of the host is signed by somebody this machine does not trust',
    advice: [
      'A proxy that inspects TLS signs with a certificate of its own: give it to Node as NODE_EXTRA_CA_CERTS=/path/ca.pem',
      'Never turn the check off: whoever answers then could take the assertion.',
    ],
  },
  {
    code: 'TLS_FAILED',
    ground: 'network',
    matches:
      /CERT_HAS_EXPIRED|certificate has expired|ERR_TLS_CERT_ALTNAME_INVALID|Hostname\/IP does not match|wrong version number|handshake failure|EPROTO|SSLHandshakeException(?!: PKIX)/i,
    means: 'The TLS connection failed',
    advice: [
      'Check that the login URL is the right host, that its port speaks TLS, and the clock of this machine.',
    ],
  },
  {
    code: 'TIMED_OUT',
    ground: 'network',
    matches:
      /E(?:SOCKET)?TIMEDOUT|timed[ -]?out|UND_ERR_\w+_TIMEOUT|(?:Read|Connect)Timeout|SocketTimeoutException/i,
    means: 'The host did not answer in time',
    advice: ['Check proxy and firewall between this machine and the host, then try again.'],
  },
  {
    code: 'CONNECTION_LOST',
    ground: 'network',
    matches:
      /ECONNRESET|socket hang up|connection reset|RemoteDisconnected|EPIPE|other side closed/i,
    means: 'The connection broke before the answer was complete',
    advice: ['Try again; if it stays, look for a proxy or firewall that closes connections.'],
  },
  {
    code: 'RESPONSE_HTML',
    ground: 'network',
    matches:
      /<!DOCTYPE html|<html|Unexpected token '?<|JSONDecodeError|invalid character '<' looking for/i,
    means: 'A page came back where a token response was expected',
    advice: [
      'Check that the login URL is a Salesforce host: something else seems to answer there.',
      'A maintenance page or a sign-in page of the network looks like this too: open the login URL in a browser.',
    ],
  },
  {
    code: 'SERVER_ERROR',
    ground: 'network',
    matches:
      /\b50[0234] (?:Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time)/i,
    means: 'The host could not answer just then',
    advice: ['Try again in a while; see status.salesforce.com if it stays.'],
  },
];

const keys: readonly Row[] = [
  {
    code: 'KEY_ENCRYPTED',
    ground: 'key',
    matches:
      /bad decrypt|Password was not given but private key is encrypted|private key is encrypted|interrupted or cancelled|passphrase/i,
    means: 'The private key is encrypted, and no passphrase (or a wrong one) was given',
    advice: ['Give the passphrase as SFJWT_PASSPHRASE, or decrypt the key.'],
    command: 'openssl pkey -in encrypted.key -out salesforce.key',
  },
  {
    code: 'KEY_WRONG_KIND',
    ground: 'key',
    matches:
      /secretOrPrivateKey must be an asymmetric key|must be an? (?:RSA|asymmetric) key|Invalid key for this operation|InvalidKeyException/i,
    means:
      'What was given as the private key is none: a certificate, a public key, or a mangled one',
    advice: [
      'See what is in the file; a key in an environment variable often loses its line breaks.',
    ],
    command: 'sfjwt key inspect salesforce.key',
  },
  {
    code: 'KEY_UNREADABLE',
    ground: 'key',
    matches:
      /DECODER routines::unsupported|PEM routines|no start line|Could not deserialize key|MalformedFraming|InvalidKeySpecException|asn1 encoding routines|unsupported key format|failed to parse private key/i,
    means: 'The private key cannot be read: mangled on its way, cut off, or of another format',
    advice: [
      'See what is in the file: sfjwt undoes what environment variables do to keys, others do not.',
      'A .p12, .pfx or .jks file has to be converted: sfjwt key import',
    ],
    command: 'sfjwt key inspect salesforce.key',
  },
  {
    code: 'KEY_FILE_UNREADABLE',
    ground: 'key',
    matches: /(?:ENOENT|EACCES|no such file)[^\n]*\.(?:key|pem|p8)/i,
    means: 'The file of the private key is not there, or may not be read',
    advice: ['Check the path and that this user may read the file.'],
  },
  {
    code: 'TOKEN_REDACTED',
    ground: 'session',
    matches: /\[REDACTED\]|Use 'sf org auth show-access-token'/i,
    means: 'The Salesforce CLI no longer prints access tokens in org display or org login',
    advice: ['Print one by a command that is made for it.'],
    command: 'sfjwt token',
  },
];

/** The code that sfjwt itself prints at the end of its line. */
const ownCodes: readonly Row[] = clientErrorCodes.flatMap((code): Row[] => {
  const known = [...salesforceRows, ...apiRows, ...network, ...keys].find(
    (row) => row.code === code,
  );
  return known === undefined ? [] : [{ ...known, matches: new RegExp(String.raw`\[${code}\]`) }];
});

const rows: readonly Row[] = [...ownCodes, ...salesforceRows, ...apiRows, ...keys, ...network];
