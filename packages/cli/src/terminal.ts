/** Where words go: data to standard output, everything else to standard error. */

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Text with ANSI colour where the stream is a terminal and nobody asked for none. */
export type Paint = (style: Style, text: string) => string;

let colorless = false;

/** `--no-color`: from here on no stream gets colour, whatever the environment says. */
export function withoutColor(): void {
  colorless = true;
}

export function painterFor(stream: NodeJS.WriteStream): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const forced = (FORCE_COLOR ?? '') !== '' && FORCE_COLOR !== '0';
  const wanted =
    !colorless && (forced || (stream.isTTY && (NO_COLOR ?? '') === '' && TERM !== 'dumb'));
  return (style, text) => {
    const [on, off] = codes[style];
    return wanted ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  };
}

/** Whether somebody is there to answer: never on a build machine, nor where either end is a pipe. */
export function canAsk(): boolean {
  const { CI = '' } = process.env;
  return process.stdin.isTTY && process.stderr.isTTY && (CI === '' || CI === 'false');
}

/** Words that may quote what was typed, without a private key that was typed by mistake. */
export function withoutKeys(words: string): string {
  return words.replaceAll(/-----\s*BEGIN [^]*?(?:-----\s*END [^-]*-----|$)/g, '[hidden]');
}

export function writeData(data: string | Uint8Array): void {
  process.stdout.write(data);
}

export function writeNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** `sfjwt ... | head`: who has read enough closes the pipe, and nobody is told of an error. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
}

/**
 * Has GitHub Actions hide a text in the log from here on. Its runner reads both streams, and
 * standard output is for the data.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function writeMask(text: string): void {
  writeNote(`::add-mask::${text}`);
}
