/** What a client can find out without being told: OpenID Connect Discovery section 3, and the keys. */

import type { OrgContext } from '../org-context.ts';
import { scopeLabels } from '../policies/scopes.ts';
import { oauthResponse } from './response-format.ts';

/** GET /.well-known/openid-configuration. All URLs carry the host that was called. */
export function discovery(request: Request): Response {
  const { origin } = new URL(request.url);
  return oauthResponse({
    issuer: origin,
    authorization_endpoint: `${origin}/services/oauth2/authorize`,
    token_endpoint: `${origin}/services/oauth2/token`,
    revocation_endpoint: `${origin}/services/oauth2/revoke`,
    userinfo_endpoint: `${origin}/services/oauth2/userinfo`,
    jwks_uri: `${origin}/id/keys`,
    introspection_endpoint: `${origin}/services/oauth2/introspect`,
    end_session_endpoint: `${origin}/services/auth/idp/oidc/logout`,
    scopes_supported: Object.keys(scopeLabels),
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    display_values_supported: ['page'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: [
      'active',
      'address',
      'email',
      'email_verified',
      'family_name',
      'given_name',
      'is_salesforce_integration_user',
      'language',
      'locale',
      'name',
      'nickname',
      'organization_id',
      'photos',
      'picture',
      'preferred_username',
      'profile',
      'sub',
      'updated_at',
      'urls',
      'user_id',
      'user_type',
      'utcOffset',
      'zoneinfo',
    ],
  });
}

/** GET /id/keys: a JSON Web Key Set, RFC 7517 section 5. */
export async function publishedKeys({ signingKeys }: OrgContext): Promise<Response> {
  const { kid, publicKey } = await signingKeys.current();
  const { kty, n, e } = publicKey.export({ format: 'jwk' });
  return oauthResponse({ keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' }] });
}
