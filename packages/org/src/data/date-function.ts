/** Date functions of SOQL as SQL expressions; in the time zone of the org (GMT). */

import type { FieldType } from './field.ts';

const formats: Readonly<Record<string, string>> = {
  CALENDAR_YEAR: '%Y',
  CALENDAR_MONTH: '%m',
  DAY_IN_MONTH: '%d',
  DAY_IN_YEAR: '%j',
  HOUR_IN_DAY: '%H',
};

/**
 * @param sql a column of type date (text) or datetime (milliseconds since 1970)
 * @returns undefined when there is no such function
 */
export function dateFunction(
  name: string,
  sql: string,
  type: FieldType,
): { sql: string; type: FieldType } | undefined {
  const time = type === 'date' ? sql : `${sql} / 1000, 'unixepoch'`;
  const number = (format: string): string => `CAST(strftime('${format}', ${time}) AS INTEGER)`;
  // The fiscal year begins in January, as in every org where it is not set otherwise.
  const word = name.toUpperCase().replace(/^FISCAL_/, 'CALENDAR_');
  const format = formats[word];
  if (format !== undefined) return { sql: number(format), type: 'int' };
  switch (word) {
    case 'CALENDAR_QUARTER':
      return { sql: `((${number('%m')} + 2) / 3)`, type: 'int' };
    case 'DAY_IN_WEEK':
      return { sql: `(${number('%w')} + 1)`, type: 'int' };
    case 'WEEK_IN_MONTH':
      return { sql: `((${number('%d')} + 6) / 7)`, type: 'int' };
    case 'WEEK_IN_YEAR':
      return { sql: `((${number('%j')} + 6) / 7)`, type: 'int' };
    case 'DAY_ONLY':
      return { sql: `date(${time})`, type: 'date' };
    default:
      return undefined;
  }
}
