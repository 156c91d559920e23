import { renderTable } from './table.ts';
import type { Column } from './table.ts';
import { painterFor, writeData } from './terminal.ts';
import type { Paint } from './terminal.ts';

/** A told sequence of steps. Told silently, it says nothing: then the data speaks for itself. */
export class Narration {
  readonly #silent: boolean;
  readonly #paint: Paint;

  constructor({ silent }: { silent: boolean }) {
    this.#silent = silent;
    this.#paint = painterFor(process.stdout);
  }

  title(text: string): void {
    this.#lines('', this.#paint('bold', text));
  }

  step(number: number, text: string): void {
    this.#lines('', this.#paint('bold', `${number}. ${text}`));
  }

  /** Something between two steps. */
  pause(text: string): void {
    this.#lines('', this.#paint('bold', `-- ${text}`));
  }

  say(...lines: string[]): void {
    this.#lines(...lines.map((line) => `   ${line}`));
  }

  bullet(text: string): void {
    this.#lines(`     - ${text}`);
  }

  fact(name: string, value: string): void {
    this.#lines(`     ${this.#paint('dim', name.padEnd(18))} ${value}`);
  }

  /** One line of what was sent (`->`) or received (`<-`). */
  wire(direction: '->' | '<-' | '  ', text: string): void {
    this.#lines(`     ${this.#paint('cyan', direction)} ${text}`);
  }

  code(...lines: string[]): void {
    this.#lines(...lines.map((line) => `     ${line}`));
  }

  table(columns: readonly Column[]): void {
    const [headings = '', ...rows] = renderTable(columns);
    this.#lines(`     ${this.#paint('dim', headings)}`, ...rows.map((row) => `     ${row}`));
  }

  #lines(...lines: string[]): void {
    if (!this.#silent) writeData(`${lines.join('\n')}\n`);
  }
}
