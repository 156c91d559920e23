import { AccessToken, milliseconds } from '@sfjwt/client';
import type { AccessTokenFields, TokenStore } from '@sfjwt/client';
import { describe, expect, test } from 'vitest';

export function accessToken(value: string, fields: Partial<AccessTokenFields> = {}): AccessToken {
  return new AccessToken({
    value,
    instanceUrl: 'https://acme.my.salesforce.com',
    scopes: ['api', 'refresh_token'],
    organizationId: '00D000000000001EAA',
    userId: '005000000000001AAA',
    identityUrl: 'https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA',
    receivedAt: milliseconds(1_790_000_000_000),
    ...fields,
  });
}

export const identity = JSON.stringify([
  'https://acme.my.salesforce.com/services/oauth2/token',
  '3MVG9.key',
  'worker@acme.example',
  'https://acme.my.salesforce.com',
]);
const otherIdentity = identity.replace('worker@', 'other@');

/** Two views of what one store keeps, such as two processes have. */
export interface SharedStore {
  here: TokenStore;
  there: TokenStore;
}

/** What every token store keeps to, whatever it keeps tokens in. */
export function describeTokenStore(name: string, open: () => Promise<SharedStore>): void {
  describe(`the contract of a token store: ${name}`, () => {
    test('knows nothing at first', async () => {
      const { here } = await open();
      expect(await here.get(identity)).toBeUndefined();
    });

    test('gives what was set, in every field, to every user of the store', async () => {
      const { here, there } = await open();
      const token = accessToken('00D!first', { expiresAt: milliseconds(1_790_000_900_000) });
      await here.set(identity, token);
      for (const store of [here, there]) {
        const found = await store.get(identity);
        expect(found?.value).toBe('00D!first');
        // Where clocks differ the times are told by the clock of who asks: with an error, that is.
        const near = (instant: number) =>
          expect.toSatisfy((at: number) => Math.abs(at - instant) < 60_000);
        expect(found?.toJSON()).toEqual({
          ...token.toJSON(),
          receivedAt: near(token.receivedAt),
          expiresAt: near(token.receivedAt + 900_000),
        });
        expect((found?.expiresAt ?? 0) - (found?.receivedAt ?? 0)).toBe(900_000);
      }
    });

    test('gives fields that are not known as not known', async () => {
      const { here, there } = await open();
      const unknown = { organizationId: undefined, userId: undefined, identityUrl: undefined };
      await here.set(identity, accessToken('00D!bare', { ...unknown, scopes: [] }));
      expect((await there.get(identity))?.toJSON()).toMatchObject({ ...unknown, scopes: [] });
    });

    test('keeps the newest', async () => {
      const { here, there } = await open();
      await here.set(identity, accessToken('00D!first'));
      await there.set(identity, accessToken('00D!second'));
      expect((await here.get(identity))?.value).toBe('00D!second');
    });

    test('tells identities apart', async () => {
      const { here } = await open();
      await here.set(identity, accessToken('00D!worker'));
      await here.set(otherIdentity, accessToken('00D!other'));
      expect((await here.get(identity))?.value).toBe('00D!worker');
      expect((await here.get(otherIdentity))?.value).toBe('00D!other');
    });

    test('removes a token', async () => {
      const { here, there } = await open();
      await here.set(identity, accessToken('00D!first'));
      await there.remove(identity, accessToken('00D!first'));
      expect(await here.get(identity)).toBeUndefined();
    });

    test('removes none that has taken the place of the one that is meant', async () => {
      const { here, there } = await open();
      await here.set(identity, accessToken('00D!second'));
      await there.remove(identity, accessToken('00D!first'));
      expect((await here.get(identity))?.value).toBe('00D!second');
    });

    test('removes what is not there without complaint', async () => {
      const { here } = await open();
      await here.remove(identity, accessToken('00D!first'));
    });

    test('keeps a token of any text and size', async () => {
      const { here, there } = await open();
      for (const value of ['ü\n"\\\u0000', 'x'.repeat(50_000)]) {
        await here.set(identity, accessToken(value));
        expect((await there.get(identity))?.value).toBe(value);
      }
    });

    test('keeps one of two that are set at once, whole', async () => {
      const { here, there } = await open();
      await here.set(identity, accessToken('00D!0'));
      const values = Array.from({ length: 20 }, (_, index) => `00D!${index}`);
      await Promise.all(
        values.map((value, index) =>
          (index % 2 === 0 ? here : there).set(identity, accessToken(value)),
        ),
      );
      expect(values).toContain((await here.get(identity))?.value);
    });
  });
}
