import { ClientError } from '../errors.ts';
import type { ClientErrorCode } from '../errors.ts';

const elsewhere = 'Check the login URL: another kind of server seems to answer there.';

interface Cause {
  code: ClientErrorCode;
  message: (host: string) => string;
  hint: string;
}

const lost: Cause = {
  code: 'CONNECTION_LOST',
  message: (host) => `The connection to ${host} broke before the answer was complete`,
  hint: 'Try again; if it stays, look for a proxy or firewall that closes connections.',
};

const unreachable: Cause = {
  code: 'HOST_UNREACHABLE',
  message: (host) => `There is no way from here to ${host}`,
  hint: 'Check the network of this machine; behind a proxy, set HTTPS_PROXY.',
};

const causes: Readonly<Record<string, Cause>> = {
  ENOTFOUND: {
    code: 'HOST_NOT_FOUND',
    message: (host) => `There is no host named ${host}`,
    hint: 'Check the login URL for a typing mistake; in Salesforce: Setup > My Domain.',
  },
  EAI_AGAIN: {
    code: 'HOST_NOT_FOUND',
    message: (host) => `The name ${host} could not be looked up`,
    hint: 'Check the name server of this machine, then try again.',
  },
  ENETUNREACH: unreachable,
  EHOSTUNREACH: unreachable,
  ETIMEDOUT: {
    code: 'TIMED_OUT',
    message: (host) => `${host} did not take the connection in time`,
    hint: 'Check proxy and firewall between this machine and the host; behind a proxy, set HTTPS_PROXY.',
  },
  ECONNREFUSED: {
    code: 'CONNECTION_REFUSED',
    message: (host) => `${host} refuses connections`,
    hint: 'Check host and port; start a local org with: sfjwt org',
  },
};

/** The failure below HTTP, in words, with the original as `cause`. */
export function networkError(url: string, cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  forgetAnswer(cause);
  const { host } = new URL(url);
  if (cause instanceof Error && cause.name === 'NotCapable') {
    return new ClientError(
      'PERMISSION_DENIED',
      `This program may not reach ${host}: ${cause.message}`,
      {
        cause,
        hints: [
          'Run Deno with --allow-net for this host; for TLS, with --allow-sys=ca and --allow-env too.',
        ],
      },
    );
  }
  const systemCode = systemCodeOf(cause);
  if (/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY))/.test(systemCode)) {
    return new ClientError(
      'TLS_INTERCEPTED',
      `The certificate of ${host} is signed by somebody this machine does not trust (${systemCode})`,
      {
        cause,
        hints: [
          'A proxy that inspects TLS signs with a certificate of its own: give it as option ca, or to Node as NODE_EXTRA_CA_CERTS=/path/ca.pem',
          'Never set NODE_TLS_REJECT_UNAUTHORIZED: whoever answers then could take the assertion.',
        ],
      },
    );
  }
  if (/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO)/.test(systemCode)) {
    return new ClientError('TLS_FAILED', `The TLS connection to ${host} failed (${systemCode})`, {
      cause,
      hints: [
        'Check that the login URL is the right host, that its port speaks TLS, and the clock of this machine.',
      ],
    });
  }
  if (/^(?:HPE|UND_ERR)_HEADERS?_OVERFLOW$/.test(systemCode)) {
    return new ClientError('RESPONSE_TOO_LARGE', `${host} sent headers without end`, {
      cause,
      hints: [elsewhere],
    });
  }
  if (/^(?:HPE_(?!INVALID_EOF_STATE)|UND_ERR_RES_CONTENT_LENGTH)/.test(systemCode)) {
    return new ClientError('RESPONSE_INVALID', `${host} does not speak HTTP (${systemCode})`, {
      cause,
      hints: [elsewhere],
    });
  }
  if (/^UND_ERR_\w+_TIMEOUT$/.test(systemCode)) {
    return timeout(`${host} did not answer in time`, cause);
  }
  if (isRedirect(cause)) {
    return new ClientError('REDIRECTED', `${host} redirected to where no answer is`, {
      cause,
      hints: [elsewhere],
    });
  }
  const { code, message, hint } = causes[systemCode] ?? lost;
  return new ClientError(code, message(host), { cause, hints: [hint], transient: true });
}

export function timedOut(url: string, milliseconds: number): ClientError {
  return timeout(`${new URL(url).host} did not answer within ${milliseconds} ms`);
}

function timeout(message: string, cause?: unknown): ClientError {
  return new ClientError('TIMED_OUT', message, {
    cause,
    hints: ['Check proxy and firewall between this machine and the host, then try again.'],
    transient: true,
  });
}

export function aborted(signal: AbortSignal): ClientError {
  return new ClientError('ABORTED', 'The caller gave up waiting', { cause: signal.reason });
}

/** The proxy answered CONNECT with something other than 200. */
export function proxyRefused(proxy: string, authority: string, status: number): ClientError {
  return new ClientError(
    'PROXY_REFUSED',
    `The proxy ${proxy} did not let a connection to ${authority} through (status ${status})`,
    {
      status,
      transient: status >= 500,
      hints: [
        status === 407
          ? 'It asks for a user and password: HTTPS_PROXY=http://user:password@proxy:port'
          : 'Ask who runs the proxy to allow this host, or add the host to NO_PROXY.',
      ],
    },
  );
}

export function proxyUnreachable(proxy: string, cause: unknown): ClientError {
  return new ClientError('PROXY_UNREACHABLE', `The proxy ${proxy} cannot be reached`, {
    cause,
    transient: true,
    hints: ['Check HTTPS_PROXY, and that the proxy runs.'],
  });
}

export function tooLarge(url: string, maximumBytes: number): ClientError {
  const { host } = new URL(url);
  return new ClientError(
    'RESPONSE_TOO_LARGE',
    `${host} sent more than ${maximumBytes} bytes: that is not a token response`,
    { hints: [elsewhere] },
  );
}

/**
 * Parsers keep what they stumbled over with their error, as `rawPacket`, `data` or `input`; a token
 * may be in it.
 */
function forgetAnswer(error: unknown, depth = 0): void {
  if (typeof error !== 'object' || error === null || depth > 3) return;
  Reflect.deleteProperty(error, 'rawPacket');
  Reflect.deleteProperty(error, 'data');
  Reflect.deleteProperty(error, 'input');
  if ('cause' in error) forgetAnswer(error.cause, depth + 1);
}

/** What `fetch` says of a redirect that goes in circles, or to what is no http(s) URL. */
function isRedirect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const said = `${systemCodeOf(error)} ${error.message}`;
  return /redirect|ERR_INVALID_URL|URL scheme/i.test(said) || isRedirect(error.cause);
}

/** `fetch` and happy-eyeballs wrap the system error one or two levels deep. */
function systemCodeOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 3) return '';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  if (error instanceof AggregateError) return systemCodeOf(error.errors[0], depth + 1);
  // Newer Nodes give the parser's errors no code.
  if (error instanceof Error && error.name === 'HTTPParserError') {
    return /EOF/.test(error.message) ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  }
  return 'cause' in error ? systemCodeOf(error.cause, depth + 1) : '';
}
