import { RestError } from './rest-error.ts';

/** Refusals of a query, in Salesforce's words. */

export function malformedQuery(message: string): RestError {
  return new RestError(400, 'MALFORMED_QUERY', message);
}

/** Real SOQL that this org does not know: said so, rather than answered wrongly. */
export function notSupported(what: string): RestError {
  return malformedQuery(`${what} is not supported by this local org`);
}

export function invalidType(name: string): RestError {
  return new RestError(
    400,
    'INVALID_TYPE',
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

export function noSuchColumn(field: string, entity: string, soql: string): RestError {
  const message = `No such column '${field}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`;
  return new RestError(400, 'INVALID_FIELD', located(field, soql, message));
}

export function noSuchRelation(relationship: string, soql: string): RestError {
  const message = `Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`;
  return new RestError(400, 'INVALID_FIELD', located(relationship, soql, message));
}

export function invalidFilter(field: string, problem: string): RestError {
  return new RestError(
    400,
    'INVALID_FIELD',
    `value of filter criterion for field '${field}' ${problem}`,
  );
}

/** Salesforce prints the line with an arrow under the word. */
function located(word: string, soql: string, message: string): string {
  const at = Math.max(0, soql.toLowerCase().indexOf(word.toLowerCase()));
  const before = soql.slice(0, at);
  const row = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1);
  const line = soql.split('\n')[row - 1] ?? '';
  const start = Math.max(0, column - 35);
  const excerpt = line.slice(start, column + 35);
  const arrow = `${' '.repeat(column - start)}^`;
  return `\n${excerpt}\n${arrow}\nERROR at Row:${row}:Column:${column + 1}\n${message}`;
}
