import { expect, test } from 'vitest';
import { apiError, turnsTokenAway } from '../src/node.ts';

const rest = (errorCode: string, message: string): string =>
  JSON.stringify([{ message, errorCode }]);

const notForApi = rest('INVALID_SESSION_ID', 'This session is not valid for use with the REST API');
const xml =
  '<response><faultcode>LOGIN_OAUTH_INVALID_TOKEN(db=1703,api=LOGIN_OAUTH_INVALID_TOKEN)</faultcode><error>Failed: Invalid Token</error></response>';

test.each([
  [401, rest('INVALID_SESSION_ID', 'Session expired or invalid'), 'SESSION_INVALID', true],
  [401, rest('INVALID_AUTH_HEADER', 'INVALID_AUTH_HEADER'), 'SESSION_INVALID', true],
  [401, rest('INVALID_JWT_FORMAT', 'Invalid token'), 'SESSION_INVALID', true],
  [401, xml, 'SESSION_INVALID', true],
  [403, 'Bad_OAuth_Token', 'SESSION_INVALID', true],
  [401, notForApi, 'SESSION_NOT_FOR_API', false],
  [
    401,
    rest('INVALID_SESSION_ID', 'Connected app is not attached to Agent'),
    'SESSION_NOT_FOR_API',
    false,
  ],
  [
    403,
    rest('API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.'),
    'API_DISABLED',
    false,
  ],
  [403, rest('API_CURRENTLY_DISABLED', 'API is disabled for this User'), 'API_DISABLED', false],
  [
    403,
    rest('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
    'API_LIMIT_EXCEEDED',
    false,
  ],
  [
    403,
    rest('INSUFFICIENT_ACCESS', 'INVALID_SESSION_ID is only a word here'),
    'API_REFUSED',
    false,
  ],
  [403, 'See Bad_OAuth_Token in the manual', 'API_REFUSED', false],
  [400, rest('MALFORMED_QUERY', 'unexpected token: FORM'), 'API_REFUSED', false],
  [404, '', 'API_REFUSED', false],
  [503, '<html>Maintenance</html>', 'SERVER_ERROR', false],
])('%i %s -> %s', async (status, body, code, renewable) => {
  const answer = (): Response => new Response(body, { status });
  expect(await turnsTokenAway(answer())).toBe(renewable);
  expect(await apiError(answer())).toMatchObject({ code, status });
});

test('an unknown refusal keeps Salesforce’s own words', async () => {
  const body = rest('MALFORMED_QUERY', 'unexpected token: FORM');
  const { message } = await apiError(new Response(body, { status: 400 }));
  expect(message).toBe(
    'Salesforce refused the request (status 400: MALFORMED_QUERY: unexpected token: FORM)',
  );
});

test('words of the host steer no terminal, and no line of theirs passes for one of the log', async () => {
  const body = rest(
    'NOT\u001B[2J_FOUND',
    'x\u001B]0;title\u0007\r\nsfjwt: all is well\u009B31m\u202E',
  );
  const { message } = await apiError(new Response(body, { status: 404 }));
  expect(message).toBe(
    'Salesforce refused the request (status 404: NOT [2J_FOUND: x ]0;title \n  sfjwt: all is well 31m )',
  );
});

test('looking at an answer leaves its body to the caller', async () => {
  const answer = new Response(notForApi, { status: 401 });
  await turnsTokenAway(answer);
  expect(await answer.text()).toBe(notForApi);
});
