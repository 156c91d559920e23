import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeal } from '../src/index.ts';

const secret = 'k'.repeat(32);
const other = 'o'.repeat(32);

describe('sealing', () => {
  test('any text opens again, under its own place alone', () => {
    const seal = createSeal({ secret });
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (text, place, else_) => {
          const sealed = seal.seal(text, place);
          expect(seal.open(sealed, place)).toBe(text);
          if (place !== else_) {
            expect(() => seal.open(sealed, else_)).toThrow(
              expect.objectContaining({ code: 'STORE_ENTRY_UNREADABLE' }),
            );
          }
        },
      ),
    );
  });

  test('nothing of the text shows, and the same text looks different each time', () => {
    const seal = createSeal({ secret });
    const [first, second] = [seal.seal('00D!token', 'place'), seal.seal('00D!token', 'place')];
    expect(first).not.toBe(second);
    expect(Buffer.from(first.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain(
      '00D',
    );
  });

  test('one changed character anywhere is noticed', () => {
    const seal = createSeal({ secret });
    const sealed = seal.seal('00D!token', 'place');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      // The last character of base64url carries bits that mean nothing.
      if (at === sealed.length - 1) continue;
      expect(() => seal.open(changed, 'place'), `character ${at}`).toThrow(/cannot be opened/);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => seal.open(sealed.slice(0, length), 'place')).toThrow(/cannot be opened/);
    }
  });

  test('a secret is replaced while entries of the old one are around', () => {
    const before = createSeal({ secret });
    const during = createSeal({ secret: other, earlierSecrets: [secret] });
    const after = createSeal({ secret: other });
    const old = before.seal('text', 'place');
    expect(during.open(old, 'place')).toBe('text');
    expect(after.open(during.seal('text', 'place'), 'place')).toBe('text');
    expect(() => after.open(old, 'place')).toThrow(/sealed with another key/);
    expect(() => before.open(during.seal('text', 'place'), 'place')).toThrow(/another key/);
  });

  test('a newer version of sealing is told as such', () => {
    const seal = createSeal({ secret });
    const sealed = seal.seal('text', 'place').replace(/^1\./, '2.');
    expect(() => seal.open(sealed, 'place')).toThrow(
      expect.objectContaining({ code: 'STORE_ENTRY_NEWER' }),
    );
  });

  test('the line break of a secret file is not part of the secret', () => {
    const sealed = createSeal({ secret: `${secret}\n` }).seal('text', 'place');
    expect(createSeal({ secret }).open(sealed, 'place')).toBe('text');
    expect(createSeal({ secret: Buffer.from(secret) }).open(sealed, 'place')).toBe('text');
  });

  test.each([['short'], [''], [`  ${'k'.repeat(31)}  `], [new Uint8Array(31)]])(
    'a secret that can be guessed is refused, and not shown: %j',
    (short) => {
      expect(() => createSeal({ secret: short })).toThrow(
        expect.objectContaining({
          code: 'STORE_KEY_INVALID',
          message: 'The secret of the token store is shorter than 32 characters',
        }),
      );
    },
  );

  test.each([[undefined], [7], [{}]])('a secret that is none is refused: %j', (none) => {
    expect(() => createSeal({ secret: none as unknown as string })).toThrow(
      expect.objectContaining({ code: 'STORE_KEY_INVALID' }),
    );
  });
});
