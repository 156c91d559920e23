/** Values of fields between JSON and the store. */

import { OrgError } from '../org-error.ts';
import type { SqlValue } from '../store/database.ts';
import { isRecordId, to18 } from '../store/record-id.ts';
import { isNumber } from './field.ts';
import type { Field, FieldType } from './field.ts';
import { plainText } from './plain-text.ts';
import { RestError } from './rest-error.ts';

export function toJson(value: SqlValue, type: FieldType): unknown {
  if (value === null) return null;
  if (type === 'boolean') return value === 1;
  if (type === 'datetime') return formatDatetime(Number(value));
  return value;
}

/** Salesforce writes the zone as `+0000`. */
export function formatDatetime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+0000');
}

/**
 * A value of a JSON document as the store keeps it. Empty text is no value, as in Salesforce.
 *
 * @throws RestError JSON_PARSER_ERROR for a value of another type, STRING_TOO_LONG,
 * INVALID_EMAIL_ADDRESS, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, MALFORMED_ID
 */
export function fromJson(value: unknown, field: Field): SqlValue {
  if (value === null || value === '') {
    if (field.type === 'boolean') throw unreadable(value, field);
    return null;
  }
  if (field.type === 'boolean') return toBoolean(value, field);
  if (isNumber(field.type)) return toNumber(value, field);
  if (field.type === 'date' || field.type === 'datetime') return toTime(value, field);
  if (typeof value !== 'string' && typeof value !== 'number') throw unreadable(value, field);
  const text = String(value).trimEnd();
  if (field.type === 'id' || field.type === 'reference') {
    if (!isRecordId(text)) throw wrongId(text, field);
    return to18(text);
  }
  return checkText(text, field);
}

/**
 * A value of a seed: as in JSON, and a time may be given in milliseconds since 1970.
 *
 * @throws OrgError FIELD_INVALID
 */
export function seedValue(value: string | number | boolean | null, field: Field): SqlValue {
  if (field.type === 'datetime' && typeof value === 'number') return value;
  try {
    return fromJson(value, field);
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    throw new OrgError('FIELD_INVALID', `${field.name}: ${error.message}`);
  }
}

function toBoolean(value: unknown, field: Field): number {
  const word = typeof value === 'string' ? value.toLowerCase() : value;
  if (word === true || word === 'true') return 1;
  if (word === false || word === 'false') return 0;
  throw unreadable(value, field);
}

function toNumber(value: unknown, field: Field): number {
  const number = typeof value === 'string' ? Number(value.trim() || 'x') : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw unreadable(value, field);
  if (field.type === 'int' && !Number.isInteger(number)) throw unreadable(value, field);
  const wholeDigits = Math.max(1, field.precision - field.scale);
  if (field.precision > 0 && Math.abs(number) >= 10 ** wholeDigits) {
    throw new RestError(
      400,
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${field.label}: value outside of valid range on numeric field: ${number}`,
      [field.name],
    );
  }
  return number;
}

const isoTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

function toTime(value: unknown, field: Field): SqlValue {
  if (typeof value !== 'string' || !isoTime.test(value)) throw unreadable(value, field);
  // A time without a zone is in the zone of the org, which is GMT.
  const zoned = value.replace(/([+-]\d\d):?(\d\d)$/, '$1:$2');
  const time = Date.parse(
    /T.*(?:Z|[+-]\d\d:\d\d)$/.test(zoned) || !zoned.includes('T') ? zoned : `${zoned}Z`,
  );
  if (Number.isNaN(time)) throw unreadable(value, field);
  // 31 June would become 1 July.
  if (
    new Date(`${value.slice(0, 10)}T00:00:00Z`).toISOString().slice(0, 10) !== value.slice(0, 10)
  ) {
    throw unreadable(value, field);
  }
  return field.type === 'date' ? value.slice(0, 10) : time;
}

function checkText(text: string, field: Field): string {
  const { name, label, length, type } = field;
  if (length > 0 && text.length > length && type !== 'picklist' && type !== 'multipicklist') {
    throw new RestError(
      400,
      'STRING_TOO_LONG',
      `${label}: data value too large: ${text.slice(0, 255)} (max length=${length})`,
      [name],
    );
  }
  if (type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) {
    throw new RestError(400, 'INVALID_EMAIL_ADDRESS', `${label}: invalid email address: ${text}`, [
      name,
    ]);
  }
  const choices = type === 'multipicklist' ? text.split(';') : [text];
  const wrong = choices.find((choice) => !field.picklistValues.includes(choice));
  if (field.restrictedPicklist && wrong !== undefined) {
    throw new RestError(
      400,
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${label}: bad value for restricted picklist field: ${wrong}`,
      [name],
    );
  }
  return text;
}

export function wrongId(value: string, { label, name }: Pick<Field, 'label' | 'name'>): RestError {
  return new RestError(400, 'MALFORMED_ID', `${label}: id value of incorrect type: ${value}`, [
    name,
  ]);
}

/** A JSON value that is no value of the field. The reader of the body adds where it stood. */
export class UnreadableValue extends RestError {
  readonly field: string;

  constructor(value: unknown, field: Field) {
    const type = isNumber(field.type) && field.type !== 'int' ? 'double' : wireTypes[field.type];
    const shown = plainText(value) || (Array.isArray(value) ? '[' : '{');
    const message = `Cannot deserialize instance of ${type ?? 'string'} from ${token(value)} value ${shown.slice(0, 255)} or request may be missing a required field`;
    super(400, 'JSON_PARSER_ERROR', message);
    this.field = field.name;
  }
}

const wireTypes: Readonly<Partial<Record<FieldType, string>>> = {
  boolean: 'boolean',
  int: 'int',
  date: 'date',
  datetime: 'datetime',
};

function unreadable(value: unknown, field: Field): UnreadableValue {
  return new UnreadableValue(value, field);
}

/** The kind of a JSON value, in the words of Salesforce's parser. */
function token(value: unknown): string {
  if (Array.isArray(value)) return 'START_ARRAY';
  switch (typeof value) {
    case 'string':
      return 'VALUE_STRING';
    case 'number':
      return Number.isInteger(value) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT';
    case 'boolean':
      return value ? 'VALUE_TRUE' : 'VALUE_FALSE';
    default:
      return value === null ? 'VALUE_NULL' : 'START_OBJECT';
  }
}
