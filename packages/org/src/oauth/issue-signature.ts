import { createHmac } from 'node:crypto';
import type { ClientApp } from '../directory/client-app.ts';

/**
 * `issued_at` (milliseconds since 1970, as text) and `signature`: base64 of the HMAC-SHA256 of `id`
 * and `issued_at`, keyed with the consumer secret. The flows that have a consumer secret send them;
 * the JWT bearer flow does not.
 */
export function issueSignature(
  { consumerSecret }: ClientApp,
  id: string,
  now: number,
): { issued_at: string; signature: string } {
  const issuedAt = String(now);
  const signature = createHmac('sha256', consumerSecret)
    .update(id + issuedAt)
    .digest('base64');
  return { issued_at: issuedAt, signature };
}
