import { RestError } from './rest-error.ts';

/** Refusals of a query, in Salesforce's words. */

export function malformedQuery(message: string): RestError {
  return new RestError(400, 'MALFORMED_QUERY', message);
}

/** Real SOQL that this org does not know: said so, rather than answered wrongly. */
export function notSupported(what: string): RestError {
  return malformedQuery(`${what} is not supported by this local org`);
}

const wsdl = 'Please reference your WSDL or the describe call for the appropriate names.';

export function invalidType(name: string, soql: string): RestError {
  const message = `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. ${wsdl}`;
  return new RestError(400, 'INVALID_TYPE', located(name, soql, message));
}

export function noSuchColumn(field: string, entity: string, soql: string): RestError {
  const message = `No such column '${field}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${wsdl}`;
  return new RestError(400, 'INVALID_FIELD', located(field, soql, message));
}

export function noSuchRelation(relationship: string, soql: string): RestError {
  const message = `Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${wsdl}`;
  return new RestError(400, 'INVALID_FIELD', located(relationship, soql, message));
}

export function noSuchChildRelation(relationship: string, soql: string): RestError {
  const message = `Didn't understand relationship '${relationship}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${wsdl}`;
  return new RestError(400, 'INVALID_TYPE', located(relationship, soql, message));
}

export function duplicateField(field: string): RestError {
  return new RestError(400, 'INVALID_FIELD', `duplicate field selected: ${field}`);
}

export function notFilterable(field: string, soql: string): RestError {
  const message = `field '${field}' can not be filtered in a query call`;
  return new RestError(400, 'INVALID_FIELD', located(field, soql, message));
}

export function invalidFilter(field: string, problem: string): RestError {
  return new RestError(
    400,
    'INVALID_FIELD',
    `value of filter criterion for field '${field}' ${problem}`,
  );
}

export function invalidOperator(kind: string, field: string, soql: string): RestError {
  const message = `invalid operator on ${kind} field`;
  return new RestError(400, 'INVALID_QUERY_FILTER_OPERATOR', located(field, soql, message));
}

export function invalidIdFilter(value: string, soql: string): RestError {
  const message = `invalid ID field: ${value}`;
  return new RestError(400, 'INVALID_QUERY_FILTER_OPERATOR', located(value, soql, message));
}

export function offsetTooLarge(): RestError {
  return new RestError(400, 'NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset allowed is 2000');
}

export function tooComplicated(): RestError {
  return new RestError(
    400,
    'QUERY_TOO_COMPLICATED',
    'Query is either selecting too many fields or the filter conditions are too complicated.',
  );
}

/** What the parser stumbled over: it tells the word, Salesforce shows the place too. */
export function unexpectedToken(token: string | undefined, soql: string): RestError {
  if (token === undefined || token === '') {
    return malformedQuery(`\n${excerpt(soql, soql.length)}unexpected token: '<EOF>'`);
  }
  return malformedQuery(located(token, soql, `unexpected token: '${token}'`));
}

/** Salesforce prints the line with an arrow under the word. */
function located(word: string, soql: string, message: string): string {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const at = soql.search(new RegExp(`(?<![\\w.])${escaped}(?!\\w)`, 'i'));
  const fallback = Math.max(0, soql.toLowerCase().indexOf(word.toLowerCase()));
  return `\n${excerpt(soql, at === -1 ? fallback : at)}${message}`;
}

function excerpt(soql: string, at: number): string {
  const before = soql.slice(0, at);
  const row = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1);
  const line = soql.split('\n')[row - 1] ?? '';
  const start = Math.max(0, column - 35);
  const arrow = `${' '.repeat(column - start)}^`;
  return `${line.slice(start, column + 35)}\n${arrow}\nERROR at Row:${row}:Column:${column + 1}\n`;
}
