/** The command line makes no sense: what was typed, and what to type in its place. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = []) {
    super(message);
    this.name = 'UsageError';
    this.hints = hints;
  }
}
