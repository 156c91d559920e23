/** What went over the wire, in a form that can be shown: decoded, and without a usable secret. */

import { createTransport } from '@sfjwt/client';
import type { Transport } from '@sfjwt/client';

export interface WireExchange {
  method: string;
  url: string;
  grantType: string;
  assertion: {
    header: Readonly<Record<string, unknown>>;
    claims: Readonly<Record<string, unknown>>;
    signatureBytes: number;
  };
  status: number;
  answer: Readonly<Record<string, unknown>>;
}

export interface RecordedTransport {
  transport: Transport;
  exchanges: WireExchange[];
}

/** The real transport, with a record of the token requests that went through it. */
export function recordedTransport(): RecordedTransport {
  const inner = createTransport();
  const exchanges: WireExchange[] = [];
  return {
    exchanges,
    transport: {
      send: async (request) => {
        const response = await inner.send(request);
        const form = new URLSearchParams(request.body ?? '');
        const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
        if (form.has('assertion')) {
          exchanges.push({
            method: request.method,
            url: request.url,
            grantType: form.get('grant_type') ?? '',
            assertion: {
              header: decode(header),
              claims: decode(claims),
              signatureBytes: Buffer.from(signature, 'base64url').length,
            },
            status: response.status,
            answer: hideToken(JSON.parse(response.body) as Record<string, unknown>),
          });
        }
        return response;
      },
      close: () => inner.close(),
    },
  };
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
}

/** Enough of a token to recognise its kind by, none of its secret part. */
function hideToken(answer: Record<string, unknown>): Record<string, unknown> {
  const { access_token: token } = answer;
  if (typeof token !== 'string') return answer;
  return { ...answer, access_token: `${token.slice(0, token.indexOf('!') + 1)}… (hidden)` };
}
