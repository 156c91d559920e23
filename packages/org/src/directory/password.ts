import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';

const saltBytes = 16;
const keyBytes = 32;

/** A salted hash by scrypt (RFC 7914), as `salt.key` in base64url. */
export function hashPassword(password: string): string {
  const salt = randomBytes(saltBytes);
  const key = scryptSync(password.normalize('NFC'), salt, keyBytes);
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
}

const plain = '{PLAIN}';

/** For a password that is printed in the documentation: nothing to protect, and no time to spend. */
export function wellKnownPassword(password: string): string {
  return plain + password;
}

/** Takes as long where there is no hash: the time tells nothing about which users exist. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  if (hash?.startsWith(plain) === true) return password === hash.slice(plain.length);
  const [salt = '', expected = ''] = (hash ?? '.').split('.');
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFC'), Buffer.from(salt, 'base64url'), keyBytes, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
  const wanted = Buffer.from(expected, 'base64url');
  return wanted.length === keyBytes && timingSafeEqual(key, wanted);
}
