/** Questions on a terminal. They are asked on standard error: standard output is for data alone. */

import { confirm, text } from '@clack/prompts';
import { CommandLineError } from './errors.ts';

export interface Question {
  /** What is asked. */
  message: string;
  /** Shown where the answer will be, as an example. */
  example?: string;
  /** The answer when none is typed. */
  usual?: string;
  /** What is wrong with an answer. */
  judge?: (answer: string) => string | undefined;
}

/** Of a terminal that does not tell its own, as those of some containers. */
const usualSize = { columns: 80, rows: 24 };

/** @throws CommandLineError CANCELLED */
export async function ask({ message, example, usual, judge }: Question): Promise<string> {
  process.stderr.columns ||= usualSize.columns;
  process.stderr.rows ||= usualSize.rows;
  const placeholder = usual ?? example;
  return answered(
    await text({
      message,
      output: process.stderr,
      ...(placeholder === undefined ? {} : { placeholder }),
      ...(usual === undefined ? {} : { defaultValue: usual }),
      validate: (answer = '') => {
        const words = answer.trim();
        if (words === '') return usual === undefined ? 'It is needed to sign in.' : undefined;
        return judge?.(words);
      },
    }),
  );
}

function answered(answer: string | symbol): string {
  // Ctrl-C gives a symbol.
  if (typeof answer === 'string') return answer.trim();
  throw new CommandLineError('CANCELLED', 'The question was left unanswered', {
    hints: ['Nothing was kept.'],
  });
}

/** @throws CommandLineError CANCELLED unless the answer is yes */
export async function confirmed(message: string): Promise<void> {
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  if (answer === true) return;
  throw new CommandLineError('CANCELLED', 'Nothing was changed', { hints: [] });
}
