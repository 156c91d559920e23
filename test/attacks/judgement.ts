/** What has to hold after every attack, whatever it was. */

import { expect } from 'vitest';
import { exchange } from './connection.ts';
import type { Answer } from './connection.ts';
import type { Attack, Expected } from './attack.ts';
import { tokenRequest, users } from './target.ts';
import type { Target } from './target.ts';

/** Runs an attack and judges the answers, the org after it, and what it left behind. */
export async function run(attack: Attack, target: Target): Promise<void> {
  // Time moves on, so that the newest entry of Login History is the newest one.
  target.clock.advance({ seconds: 1 });
  const bytes = await attack.request(target);
  const before = state(target);
  const answers = await exchange(target.port, bytes);
  judgeAnswers(answers, attack.expected, target);
  const after = state(target);
  if (attack.expected.rule !== undefined) {
    expect(refusingRule(target), 'the rule that refuses').toBe(attack.expected.rule);
  }
  const granted = attack.expected.grantedTo;
  const fresh = after.sessions.filter((id) => !before.sessions.includes(id));
  expect(fresh, 'new sessions').toHaveLength(granted === undefined ? 0 : 1);
  expect(
    before.sessions.every((id) => after.sessions.includes(id)),
    'no session ended',
  ).toBe(true);
  expect(after.directory, 'the directory').toBe(before.directory);
  for (const id of fresh) target.org.sessions.remove(id);
  await standing(target);
}

/** No answer of the org, right or wrong, may have any of this. */
export function harmless({ status, body, headers }: Answer, target: Target): void {
  // SOAP 1.1 section 6.2 gives every fault, those of the caller too, this status.
  const isSoapFault =
    headers.get('content-type')?.startsWith('text/xml') === true &&
    body.includes('<soapenv:Fault>');
  expect(isSoapFault ? 400 : status, 'no fault of the org').toBeLessThan(500);
  expect(body, 'no stack, no path').not.toMatch(
    /\n\s+at |node_modules|node:internal|\.tsx?\b|file:\/\/|\/packages\/|sqlite|RangeError|TypeError/i,
  );
  const text = `${body}\n${[...headers].flat().join('\n')}`;
  for (const [name, secret] of secrets(target)) {
    expect(text.includes(secret), `no ${name} in an answer`).toBe(false);
  }
  expect(target.trap.hits(), 'nothing was fetched').toEqual([]);
}

/** The org signs somebody in as if nothing had happened. */
export async function standing(target: Target): Promise<void> {
  const good = target.assertion({ change: { sub: users.witness } });
  const [answer] = await exchange(target.port, tokenRequest(good));
  expect(answer?.status, 'a good assertion after the attack').toBe(200);
  const witness = target.org.users.get(users.witness);
  target.org.sessions.removeOfUser(witness.id);
}

function judgeAnswers(answers: readonly Answer[], expected: Expected, target: Target): void {
  for (const answer of answers) harmless(answer, target);
  if (expected.status === 'closed') {
    expect(answers).toEqual([]);
    return;
  }
  expect(answers, 'answers').toHaveLength(expected.answers ?? 1);
  const last = answers.at(-1);
  expect({ status: last?.status, body: last?.body }).toMatchObject({ status: expected.status });
  if (expected.grantedTo !== undefined) {
    judgeToken(last?.body ?? '', expected.grantedTo, target);
  } else if (typeof expected.body === 'string') {
    expect(last?.body).toBe(expected.body);
  } else if (expected.body !== undefined) {
    expect(last?.headers.get('content-type')).toBe('application/json;charset=UTF-8');
    expect(JSON.parse(last?.body ?? '')).toEqual(expected.body);
  }
}

function judgeToken(body: string, username: string, { org }: Target): void {
  const { access_token: token, ...rest } = JSON.parse(body) as Record<string, string>;
  const session = org.sessions.find(token ?? '');
  const user = org.users.get(username);
  expect(session?.userId, 'signed in').toBe(user.id);
  expect(rest).toMatchObject({ token_type: 'Bearer', instance_url: org.url });
}

/** What an attack must not change. */
function state({ org }: Target): { sessions: readonly string[]; directory: string } {
  const directory = {
    apps: org.clientApps.list(),
    users: Object.values(users).map((username) => org.users.find(username)),
    administrator: org.administrator,
  };
  return {
    sessions: org.sessions.list().map(({ id }) => id),
    directory: JSON.stringify(directory),
  };
}

function refusingRule({ org }: Target): string | undefined {
  const [attempt] = org.loginHistory.list({ limit: 1 });
  return attempt?.trace.find(({ passed }) => !passed)?.rule;
}

function secrets({ org, app, apps, tokens }: Target): [name: string, secret: string][] {
  const signingApps = [app, ...Object.values(apps)];
  return [
    ['secret of the org', org.organization.secret],
    ...signingApps.map(({ app: one }): [string, string] => ['consumer secret', one.consumerSecret]),
    ...Object.values(tokens).map((token): [string, string] => ['access token', token]),
  ];
}
