/**
 * Text on its way through environment variables, CI settings, YAML and chat windows. What was done
 * to it is undone here, and told.
 */

import { decodeBase64 } from './base64.ts';

export interface MendedText {
  readonly text: string;
  /** What was undone, in words for a person; empty when the text was as it should be. */
  readonly mended: readonly string[];
}

/** One layer of damage: gives the text without it, or undefined where there is none. */
interface Damage {
  readonly told: string;
  readonly undo: (text: string) => string | undefined;
}

const begin = /BEGIN [A-Z0-9 ]+/;

const damages: readonly Damage[] = [
  {
    told: 'the quotes around it were removed',
    undo: (text) => /^(["'`])([^]*)\1$/.exec(text)?.[2],
  },
  {
    told: 'written-out \\n became line breaks',
    undo: (text) => (/\\+[nr]/.test(text) ? text.replace(/(?:\\+r)?\\+n|\\+r/g, '\n') : undefined),
  },
  {
    told: 'backslashes at the ends of lines were removed',
    undo: (text) => (/\\+\r?\n/.test(text) ? text.replace(/\\+(?=\r?\n)/g, '') : undefined),
  },
  {
    told: 'percent signs of a URL were decoded',
    undo: (text) => (/^[^ ]*%(?:2D|20|0A|2B|3D)/i.test(text) ? decodePercent(text) : undefined),
  },
  {
    told: 'the base64 around it was decoded',
    undo: (text) => (begin.test(text) ? undefined : decodeWrapped(text)),
  },
  {
    told: 'typographic dashes became hyphens',
    undo: (text) =>
      /[\u2010-\u2015]/.test(text) && begin.test(text)
        ? text
            .replace(
              /[-\u2010-\u2015]+\s*((?:BEGIN|END) [A-Z0-9 ]+?)\s*[-\u2010-\u2015]+/g,
              '-----$1-----',
            )
            .replaceAll(/[\u2010-\u2015]/g, '-')
        : undefined,
  },
  {
    told: 'quotation marks of an e-mail were removed',
    undo: (text) => (/^> ?-----BEGIN/m.test(text) ? text.replaceAll(/^> ?/gm, '') : undefined),
  },
];

/** Far more layers than anybody has been seen to wrap around a key. */
const maximumLayers = 8;

/** Undoes what befell the text, layer by layer, whatever the order it befell in. */
export function mendKeyText(given: string): MendedText {
  // White space to `trim`, and a byte order mark counts as such.
  const mended = given.startsWith('\uFEFF') ? ['a byte order mark was removed'] : [];
  let text = given.trim();
  for (let layer = 0; layer < maximumLayers; layer += 1) {
    const found = damages
      .map(({ told, undo }) => ({ told, undone: undo(text) }))
      .find(({ undone }) => undone !== undefined);
    if (found?.undone === undefined) break;
    mended.push(found.told);
    text = found.undone.trim();
  }
  return { text, mended };
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', '%2B'));
  } catch {
    return undefined;
  }
}

/** The text inside base64, when what is inside is a key in text form again. */
function decodeWrapped(text: string): string | undefined {
  const compact = text.replaceAll(/\s+/g, '');
  if (compact.length < 64) return undefined;
  const bytes = decodeBase64(compact);
  if (bytes === undefined) return undefined;
  const inner = decodeText(bytes);
  return /BEGIN |^\s*(?:[{"'\uFEFF]|[A-Za-z0-9+/_-]{64})/.test(inner) ? inner : undefined;
}

/** Bytes as text: UTF-8, or UTF-16 as PowerShell writes it. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
