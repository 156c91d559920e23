import { expect, onTestFinished, test } from 'vitest';
import { Catalogue } from '../src/data/catalogue.ts';
import { signJwt, verifyJwt } from '../src/oauth/jwt.ts';
import { SigningKeys } from '../src/oauth/signing-key.ts';
import { openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/schema.ts';
import { noon } from './org-setting.ts';

test('a token of the org has one spelling', async () => {
  const database = await openDatabase();
  onTestFinished(() => database.close());
  migrate(database, new Catalogue());
  const keys = new SigningKeys({ database, now: () => noon, organization: { id: '00D' } });
  const token = signJwt(await keys.current(), { mty: 'oauth' });
  expect(verifyJwt(token, keys)).toEqual({ mty: 'oauth' });
  // 256 bytes of signature leave four bits over: with one of them set they decode alike.
  const [last] = token.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last ?? '') + 1);
  expect(Buffer.from(other.split('.')[2] ?? '', 'base64url')).toEqual(
    Buffer.from(token.split('.')[2] ?? '', 'base64url'),
  );
  expect(verifyJwt(other, keys)).toBeUndefined();
});
