/** The contract of the broker, written: OpenAPI 3.1. A test asks the broker for all that it says. */

const failure = (description: string): object => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
});

const failures = {
  '401': failure('no caller has this secret'),
  '403': failure('this caller may not'),
  '404': failure('there is no such profile for this caller'),
  '502': failure('Salesforce refused, or could not be reached'),
  '503': failure('later: the broker is stopping, or Salesforce is busy, or the audit log is full'),
  '504': failure('Salesforce gave no answer in time'),
};

const profile = {
  name: 'profile',
  in: 'path',
  required: true,
  schema: { type: 'string' },
};

const refusedToken = {
  name: 'Sfjwt-Refused-Token',
  in: 'header',
  description:
    'SHA-256, base64url, of a token that Salesforce turned away: the answer holds another one',
  schema: { type: 'string' },
};

function answered(description: string, schema: string): object {
  return {
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

const proxied = {
  summary: 'A request of an API of Salesforce, with the token attached',
  description:
    'Everything but the token is passed through as it is. A token that is turned away is renewed once, and the request sent again, as long as its body has at most 256 KiB.',
  parameters: [
    profile,
    {
      name: 'path',
      in: 'path',
      required: true,
      description: 'the rest of the path, slashes included',
      schema: { type: 'string' },
    },
  ],
  responses: { default: { description: 'as Salesforce answered it' }, ...failures },
};

export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'sfjwt broker',
    version: '1',
    description:
      'Access tokens of Salesforce, and authorized requests, for programs in any language',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  security: [{ secret: [] }],
  paths: {
    '/v1/token/{profile}': {
      get: {
        summary: 'The present access token',
        parameters: [profile, refusedToken],
        responses: { '200': answered('a token that can be used', 'Token'), ...failures },
      },
    },
    '/v1/headers/{profile}': {
      get: {
        summary: 'The headers to send to the instance URL',
        parameters: [profile, refusedToken],
        responses: { '200': answered('headers that can be used', 'Headers'), ...failures },
      },
    },
    '/v1/profiles': {
      get: {
        summary: 'The profiles of this caller',
        responses: { '200': answered('their names', 'Profiles'), '401': failures['401'] },
      },
    },
    '/v1/proxy/{profile}/services/{path}': {
      get: proxied,
      head: proxied,
      post: proxied,
      put: proxied,
      patch: proxied,
      delete: proxied,
    },
    '/services/oauth2/token': {
      post: {
        summary: 'OAuth 2.0, client credentials grant (RFC 6749 section 4.4)',
        description: 'The client id is the profile, the client secret is the secret of the caller.',
        security: [],
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['grant_type'],
                properties: {
                  grant_type: { const: 'client_credentials' },
                  client_id: { type: 'string' },
                  client_secret: { type: 'string' },
                },
              },
            },
          },
        },
        responses: {
          '200': answered('as the token endpoint of Salesforce answers', 'OAuthToken'),
          '400': answered('the request is no such grant', 'OAuthFailure'),
          '401': answered('id and secret do not match', 'OAuthFailure'),
        },
      },
    },
    '/health/live': {
      get: {
        summary: 'Whether the process answers',
        security: [],
        responses: { '200': { description: 'it does' } },
      },
    },
    '/health/ready': {
      get: {
        summary: 'Whether each profile that was asked for has a token',
        security: [],
        responses: {
          '200': answered('each has', 'Readiness'),
          '503': answered('why not, by code', 'Readiness'),
        },
      },
    },
    '/metrics': {
      get: {
        summary: 'Metrics, in the text format of Prometheus',
        responses: {
          '200': {
            description: 'metrics',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          '401': failures['401'],
        },
      },
    },
    '/openapi.json': {
      get: {
        summary: 'This document',
        security: [],
        responses: { '200': { description: 'this document' } },
      },
    },
  },
  components: {
    securitySchemes: {
      secret: {
        type: 'http',
        scheme: 'bearer',
        description: 'The secret of a caller; not needed on a Unix socket',
      },
    },
    schemas: {
      Token: {
        type: 'object',
        required: ['accessToken', 'tokenType', 'instanceUrl', 'scopes', 'receivedAt'],
        properties: {
          accessToken: { type: 'string' },
          tokenType: { const: 'Bearer' },
          instanceUrl: { type: 'string', format: 'uri' },
          scopes: { type: 'array', items: { type: 'string' } },
          organizationId: { type: 'string' },
          userId: { type: 'string' },
          identityUrl: { type: 'string', format: 'uri' },
          receivedAt: { type: 'string', format: 'date-time' },
          expiresAt: { type: 'string', format: 'date-time' },
        },
      },
      Headers: {
        type: 'object',
        required: ['instanceUrl', 'headers'],
        properties: {
          instanceUrl: { type: 'string', format: 'uri' },
          headers: {
            type: 'object',
            required: ['authorization'],
            properties: { authorization: { type: 'string' } },
          },
        },
      },
      Profiles: {
        type: 'object',
        required: ['profiles'],
        properties: { profiles: { type: 'array', items: { type: 'string' } } },
      },
      Readiness: {
        type: 'object',
        required: ['ready', 'failures'],
        properties: {
          ready: { type: 'boolean' },
          failures: { type: 'object', additionalProperties: { type: 'integer' } },
        },
      },
      OAuthToken: {
        type: 'object',
        required: ['access_token', 'instance_url', 'token_type', 'issued_at', 'expires_in'],
        properties: {
          access_token: { type: 'string' },
          instance_url: { type: 'string', format: 'uri' },
          id: { type: 'string', format: 'uri' },
          token_type: { const: 'Bearer' },
          issued_at: { type: 'string' },
          scope: { type: 'string' },
          expires_in: { type: 'integer' },
        },
      },
      OAuthFailure: {
        type: 'object',
        required: ['error', 'error_description'],
        properties: { error: { type: 'string' }, error_description: { type: 'string' } },
      },
      Failure: {
        type: 'object',
        required: ['code', 'message', 'hints'],
        properties: {
          code: { type: 'string' },
          message: { type: 'string' },
          hints: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
} as const;
