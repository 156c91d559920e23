/**
 * Attacks that nobody thought of: good requests with random damage at every level. What comes out
 * is not known beforehand, so that only the invariants are judged: no fault of the org, no secret,
 * no token for anything that is not as good as the original.
 *
 * A run is reproducible: fast-check prints seed and path of a counterexample, and ATTACK_SEED
 * repeats a run. ATTACK_RUNS asks for more of it.
 */

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchange, Hanging, httpRequest } from './connection.ts';
import { encode, rs256 } from './forgery.ts';
import { harmless, standing } from './judgement.ts';
import { createTarget, jwtBearer, tokenRequest } from './target.ts';
import type { Target } from './target.ts';

const seed = Number(process.env['ATTACK_SEED'] ?? 20_261_123);
const runs = Number(process.env['ATTACK_RUNS'] ?? 300);
const parameters = { seed, numRuns: runs, interruptAfterTimeLimit: 25_000 };

let target: Target;
beforeAll(async () => {
  target = await createTarget();
});
afterAll(async () => {
  await standing(target);
  expect(target.trap.hits()).toEqual([]);
  await target.close();
});

/** Damage to a text: pieces cut out, doubled, moved, replaced, put in. */
const damage = fc.array(
  fc.record({
    kind: fc.constantFrom('cut', 'double', 'replace', 'insert', 'swap'),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    length: fc.integer({ min: 1, max: 12 }),
    text: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('\0', '\r\n', '\n', '.', '=', '&', '%', '"', '\\', '{', '[', ' ', '\u00ff'),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function damaged(text: string, strokes: Damage): string {
  return strokes.reduce((current, { kind, at, length, text: piece }) => {
    const start = Math.floor(at * current.length);
    const [before, hit, after] = [
      current.slice(0, start),
      current.slice(start, start + length),
      current.slice(start + length),
    ];
    switch (kind) {
      case 'cut':
        return before + after;
      case 'double':
        return before + hit + hit + after;
      case 'replace':
        return before + piece + after;
      case 'insert':
        return before + piece + hit + after;
      default:
        return before + Array.from(hit).toReversed().join('') + after;
    }
  }, text);
}

/** JSON values, with what parsers and careless code trip over. */
const anyJson = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  fc.constantFrom<unknown>('', ' ', '\0', -1, 0, 1e308, 2 ** 53, '__proto__', [], {}, null, true),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const claimNames = ['iss', 'sub', 'prn', 'aud', 'exp', 'nbf', 'iat', 'jti'] as const;
const anyClaims = fc.dictionary(
  fc.oneof(fc.constantFrom(...claimNames), fc.string({ maxLength: 8 })),
  anyJson,
  { maxKeys: 4 },
);

const headerNames = ['alg', 'typ', 'kid', 'crit', 'jwk', 'jku', 'x5c', 'x5u', 'b64', 'zip', 'cty'];
const anyHeader = fc.dictionary(fc.constantFrom(...headerNames), anyJson, { maxKeys: 4 });

interface Outcome {
  status: number;
  token: boolean;
}

async function send(bytes: Buffer, milliseconds = 20_000): Promise<Outcome[]> {
  const answers = await exchange(target.port, bytes, { milliseconds });
  for (const answer of answers) harmless(answer, target);
  return answers.map(({ status, body }) => ({ status, token: body.includes('access_token') }));
}

test('damaged assertions open nothing', async () => {
  await fc.assert(
    fc.asyncProperty(damage, async (strokes) => {
      const good = target.assertion();
      const text = damaged(good, strokes);
      const [outcome] = await send(tokenRequest(text));
      if (text !== good && !isSpelledAlike(text, good)) expect(outcome?.token).toBe(false);
    }),
    parameters,
  );
});

test('claims of any kind, well signed, are granted or refused', async () => {
  await fc.assert(
    fc.asyncProperty(anyClaims, async (change) => {
      const before = new Set(target.org.sessions.list().map(({ id }) => id));
      const [outcome] = await send(tokenRequest(target.assertion({ change })));
      expect([200, 400]).toContain(outcome?.status);
      for (const { id, userId } of target.org.sessions.list()) {
        if (before.has(id)) continue;
        expect(target.org.users.findById(userId)?.username).toBe('worker@example.org');
        target.org.sessions.remove(id);
      }
    }),
    parameters,
  );
});

test('headers of any kind, well signed, never let a stranger in', async () => {
  await fc.assert(
    fc.asyncProperty(anyHeader, fc.boolean(), async (change, isStranger) => {
      const header = { alg: 'RS256', ...change };
      const signer = rs256(isStranger ? target.stranger.rsa : target.app.key);
      const [outcome] = await send(tokenRequest(target.assertion({ header, signer })));
      const isGood = !isStranger && header.alg === 'RS256' && !Object.hasOwn(change, 'crit');
      expect(outcome?.token).toBe(isGood);
    }),
    parameters,
  );
});

test('damaged JSON, well signed, is granted only when it still says the same', async () => {
  await fc.assert(
    fc.asyncProperty(damage, damage, fc.boolean(), async (strokes, others, isHeader) => {
      const claims = JSON.stringify(target.claims());
      const header = '{"alg":"RS256"}';
      const text = target.assertion({
        claims: isHeader ? claims : Buffer.from(damaged(claims, strokes), 'latin1'),
        header: isHeader ? Buffer.from(damaged(header, others), 'latin1') : header,
      });
      const [outcome] = await send(tokenRequest(text));
      expect([200, 400]).toContain(outcome?.status);
    }),
    parameters,
  );
});

test('damaged heads are answered, cut off, or waited for', async () => {
  await fc.assert(
    fc.asyncProperty(damage, async (strokes) => {
      const form = new URLSearchParams({ grant_type: jwtBearer, assertion: target.assertion() });
      const text = httpRequest({ body: form.toString() }).toString('latin1');
      const end = text.indexOf('\r\n\r\n') + 4;
      const request = damaged(text.slice(0, end), strokes) + text.slice(end);
      try {
        await send(Buffer.from(request, 'latin1'), 200);
      } catch (error) {
        // It says that it is longer than it is. How long the org waits is a siege of its own.
        if (!(error instanceof Hanging)) throw error;
      }
    }),
    { ...parameters, numRuns: runs / 3 },
  );
});

test('damaged forms are answered with one of the known refusals', async () => {
  await fc.assert(
    fc.asyncProperty(damage, async (strokes) => {
      const form = new URLSearchParams({ grant_type: jwtBearer, assertion: target.assertion() });
      const body = Buffer.from(damaged(form.toString(), strokes), 'latin1');
      const [outcome] = await send(httpRequest({ body }));
      expect([200, 400]).toContain(outcome?.status);
    }),
    parameters,
  );
});

test('damaged tokens open nothing, on any endpoint', async () => {
  const paths = ['/services/data/v67.0', '/services/oauth2/userinfo', `/id/x/y`];
  await fc.assert(
    fc.asyncProperty(
      damage,
      fc.constantFrom(...paths),
      fc.constantFrom('live' as const, 'jwt' as const),
      async (strokes, path, kind) => {
        const token = damaged(target.tokens[kind], strokes);
        const authorization = `Bearer ${token.replaceAll(/[^\u0020-\u007e\u0080-\u00ff]/g, '?')}`;
        const [outcome] = await send(
          httpRequest({ method: 'GET', path, headers: { authorization } }),
        );
        if (authorization.trim() === `Bearer ${target.tokens[kind]}`) return;
        expect([400, 401, 403]).toContain(outcome?.status);
      },
    ),
    parameters,
  );
});

test('paths and queries of any kind are answered', async () => {
  const known = ['/services/data/v67.0/query?q=', '/services/oauth2/', '/id/', '/_org/', '/'];
  const authorization = `Bearer ${target.tokens.live}`;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...known),
      fc.string({ unit: 'binary' }),
      async (base, rest) => {
        const path = base + encodeURI(wellFormed(rest));
        await send(httpRequest({ method: 'GET', path, headers: { authorization } }));
      },
    ),
    parameters,
  );
});

/** Padding is tolerated, blanks in JSON are none of the text: what is signed is the same then. */
function isSpelledAlike(text: string, good: string): boolean {
  const parts = (value: string): string[] =>
    value.split('.').map((part) => part.replace(/=+$/, ''));
  return digest(parts(text)) === digest(parts(good));
}

function digest(parts: readonly string[]): string {
  return createHash('sha256')
    .update(encode(parts.join('.')))
    .digest('hex');
}

/** A lone surrogate has no place in a URL. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
