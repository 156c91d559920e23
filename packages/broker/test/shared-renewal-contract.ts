import type { AccessToken, Renewal, TokenStore } from '@sfjwt/client';
import { describe, expect, test } from 'vitest';
import { door, outage, plainNo, renewal } from './renewal.ts';
import { accessToken, identity } from './token-store-contract.ts';
import type { SharedStore } from './token-store-contract.ts';

/** What a store that has single flight is asked; `memoryTokenStore` has none. */
export function renew(store: TokenStore, asked: Renewal, key = identity): Promise<AccessToken> {
  return store.renew?.(key, asked) ?? expect.fail('this store has no single flight');
}

/** What every store with single flight keeps to. */
export function describeSharedRenewal(name: string, open: () => Promise<SharedStore>): void {
  describe(`the contract of single flight: ${name}`, () => {
    test('one of many signs in, and all get its token', async () => {
      const { here, there } = await open();
      const asked = Array.from({ length: 20 }, () => renewal());
      const tokens = await Promise.all(
        asked.map((one, index) => renew(index % 2 === 0 ? here : there, one)),
      );
      expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
      expect(asked.reduce((sum, one) => sum + one.logins(), 0)).toBe(1);
      expect(asked.flatMap(({ warnings }) => warnings)).toEqual([]);
      expect((await there.get(identity))?.value).toBe(tokens[0]?.value);
    });

    test('a token that is there is given without a login', async () => {
      const { here, there } = await open();
      await here.set(identity, accessToken('00D!there'));
      const asked = renewal();
      expect((await renew(there, asked)).value).toBe('00D!there');
      expect(asked.logins()).toBe(0);
    });

    test('a refused token is replaced once, however many saw it refused', async () => {
      const { here, there } = await open();
      const refused = accessToken('00D!ended');
      await here.set(identity, refused);
      const asked = Array.from({ length: 20 }, () => renewal({ refused }));
      const tokens = await Promise.all(
        asked.map((one, index) => renew(index % 2 === 0 ? here : there, one)),
      );
      expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
      expect(asked.reduce((sum, one) => sum + one.logins(), 0)).toBe(1);
      // One that comes late with the same complaint gets the new one as well.
      const late = renewal({ refused });
      expect((await renew(there, late)).value).toBe(tokens[0]?.value);
      expect(late.logins()).toBe(0);
    });

    test('a plain no is told to all who waited for it', async () => {
      const { here, there } = await open();
      const { opened, open: refuse } = door();
      const first = renewal({ signIn: () => opened.then(() => Promise.reject(plainNo())) });
      const failing = renew(here, first).catch((error: unknown) => error);
      while (first.logins() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      const waiting = Array.from({ length: 5 }, () => renewal());
      const failed = waiting.map((one) => renew(there, one).catch((error: unknown) => error));
      // All of them have looked once when a round of looking has passed.
      await here.get(identity);
      await there.get(identity);
      refuse();
      const failures = await Promise.all([failing, ...failed]);
      for (const failure of failures) {
        expect(failure).toMatchObject({
          name: 'ClientError',
          code: 'USER_NOT_APPROVED',
          message: 'The user is not approved for this app',
          hints: ['Assign the profile of the user to the app.'],
          error: 'invalid_grant',
          errorDescription: "user hasn't approved this consumer",
          status: 400,
          transient: false,
        });
      }
      expect(waiting.map((one) => one.logins())).toEqual([0, 0, 0, 0, 0]);
    });

    test('a login that failed leaves no lease behind, and the token that was there', async () => {
      const { here, there } = await open();
      const old = accessToken('00D!old');
      await here.set(identity, old);
      const failing = renewal({ refused: old, signIn: () => Promise.reject(outage()) });
      await expect(renew(here, failing)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' });
      expect((await there.get(identity))?.value).toBe('00D!old');
      const next = renewal({ refused: old });
      expect((await renew(there, next)).value).toMatch(/^00D!login/);
      expect(next.logins()).toBe(1);
    });

    test('a failure of the program itself is that of one caller alone', async () => {
      const { here, there } = await open();
      const broken = renewal({ signIn: () => Promise.reject(new TypeError('a mistake')) });
      await expect(renew(here, broken)).rejects.toThrow('a mistake');
      expect((await renew(there, renewal())).value).toMatch(/^00D!login/);
    });
  });
}
