/** What became of the last action: a word in the address, and a sentence that only the page has. */

import type { MessageProps } from '../elements/message.tsx';
import type { SetupCall } from './setup-route.ts';

const parameter = 'done';

/** Where a POST leads to, with the word for what it did. */
export function withOutcome(path: string, word: string): string {
  const [rest = '', fragment] = path.split('#');
  const joint = rest.includes('?') ? '&' : '?';
  return `${rest}${joint}${parameter}=${word}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** The sentence for the word in the address, if there is one. */
export function outcomeOf<Word extends string>(
  { url }: SetupCall,
  sentences: Readonly<Record<Word, string>>,
): MessageProps | undefined {
  const word = url.searchParams.get(parameter) ?? '';
  if (!Object.hasOwn(sentences, word)) return undefined;
  return { kind: 'success', children: sentences[word as Word] };
}
