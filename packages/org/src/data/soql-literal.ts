/** Literals of a filter: from the text of a query to a parameter of SQL. */

import type { SqlValue } from '../store/database.ts';
import { isRecordId, to18 } from '../store/record-id.ts';
import { dateLiteral } from './date-literal.ts';
import type { Span } from './date-literal.ts';
import { isNumber } from './field.ts';
import type { FieldType } from './field.ts';
import { invalidFilter, invalidIdFilter, notSupported } from './soql-error.ts';

export interface Literal {
  /** As written, with quotes. */
  text: string;
  /** Kind of literal, in the words of the parser. */
  kind: string;
}

/** What a literal is compared with. */
export interface Operand {
  name: string;
  type: FieldType;
}

/**
 * A literal as the field wants it.
 *
 * @throws RestError INVALID_FIELD for a literal of another type
 */
export function toParameter(
  { name, type }: Operand,
  { text, kind }: Literal,
  soql: string,
): SqlValue {
  if (kind === 'NULL') return null;
  if (type === 'boolean') {
    if (kind !== 'BOOLEAN') throw mustBe(name, 'boolean');
    return text.toUpperCase() === 'TRUE' ? 1 : 0;
  }
  if (isNumber(type)) {
    if (kind !== 'INTEGER' && kind !== 'DECIMAL') {
      throw mustBe(name, type === 'int' ? 'int' : 'double');
    }
    return Number(text);
  }
  if (type === 'datetime') {
    const time = kind === 'DATETIME' ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(time)) throw mustBe(name, 'dateTime');
    return time;
  }
  if (type === 'date') {
    if (kind !== 'DATE' || Number.isNaN(Date.parse(text))) throw mustBe(name, 'date');
    return text;
  }
  if (kind !== 'STRING') {
    throw invalidFilter(name, 'must be of type string and should be enclosed in quotes');
  }
  const value = unquote(text);
  if (type !== 'id' && type !== 'reference') return value;
  if (!isRecordId(value)) throw invalidIdFilter(value, soql);
  return to18(value);
}

/**
 * The time that a date literal spans, in the form of the field; undefined for any other literal.
 *
 * @param now milliseconds since 1970
 */
export function toSpan(
  { name, type }: Operand,
  { text, kind }: Literal,
  now: number,
): { start: SqlValue; end: SqlValue } | undefined {
  if (kind !== 'DATE_LITERAL' && kind !== 'DATE_N_LITERAL') return undefined;
  if (type !== 'datetime' && type !== 'date') {
    throw invalidFilter(name, `must be of type ${isNumber(type) ? 'double' : 'string'}`);
  }
  const span: Span | undefined = dateLiteral(text, now);
  if (span === undefined) throw notSupported(text);
  if (type === 'datetime') return span;
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  return { start: day(span.start), end: day(span.end) };
}

function mustBe(name: string, type: string): Error {
  return invalidFilter(name, `must be of type ${type} and should not be enclosed in quotes`);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Text between quotes, with its escape sequences; escaped wildcards stay so for LIKE. */
export function unquote(literal: string, { keepWildcards = false } = {}): string {
  return literal.slice(1, -1).replace(/\\(.)/gs, (sequence, letter: string) => {
    if (keepWildcards && (letter === '%' || letter === '_' || letter === '\\')) return sequence;
    return escapes[letter.toLowerCase()] ?? letter;
  });
}
