/**
 * Forms that make something, each good for once: a second click, or a reload, leads to what the
 * first one made and makes no second one.
 */

import { createHash, randomUUID } from 'node:crypto';
import type { SetupForm } from './setup-form.ts';

/** Name of the hidden field. */
export const submissionField = 'submission';

const mostRemembered = 1000;

export class Submissions {
  readonly #answers = new Map<string, string>();

  /** For the hidden field of a new form. */
  next(): string {
    return randomUUID();
  }

  /** Where the same form led to when it was sent before. */
  answerTo(form: SetupForm): string | undefined {
    return this.#answers.get(keyOf(form));
  }

  remember(form: SetupForm, location: string): void {
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= mostRemembered && oldest !== undefined) this.#answers.delete(oldest);
    this.#answers.set(keyOf(form), location);
  }
}

/** With what was typed: the form that was sent may be changed after Back, and sent as another. */
function keyOf(form: SetupForm): string {
  return createHash('sha256').update(form.print()).digest('base64url');
}
