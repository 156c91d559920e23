/** Queries whose values cannot become part of the query: SOQL and SOSL Reference, "Quoted String Escape Sequences". */

/** What may be put into a query. A list becomes `('a', 'b')`, for `IN`. */
export type SoqlValue = string | number | boolean | Date | null | Soql | readonly string[];

/** A query, or a part of one, in which every value is quoted. Made by {@link soql} alone. */
export class Soql {
  readonly text: string;

  /** Text that is known to be SOQL. Nothing that somebody typed belongs here: use {@link soql}. */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/**
 * A query from a template: ``soql`SELECT Id FROM User WHERE Username = ${username}` ``. Values are
 * escaped and quoted, so that no name of a user or an app can change what is asked.
 *
 * @throws RangeError for an empty list, which SOQL does not have
 */
export function soql(words: TemplateStringsArray, ...values: readonly SoqlValue[]): Soql {
  const [first = '', ...rest] = words;
  const text = rest.reduce(
    (before, word, at) => before + literal(values[at] ?? null) + word,
    first,
  );
  return new Soql(text);
}

function literal(value: SoqlValue): string {
  if (value === null) return 'null';
  if (value instanceof Soql) return value.text;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'object') {
    if (value.length === 0) throw new RangeError('SOQL has no empty list: do not ask');
    return `(${value.map(quoted).join(', ')})`;
  }
  return String(value);
}

const escapes: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
};

function quoted(text: string): string {
  return `'${text.replace(/[\\'"\n\r\t\b\f]/g, (sign) => escapes[sign] ?? `\\${sign}`)}'`;
}
