/** What `columns=true` answers: the shape of a result in place of the result. */

import { isNumber } from './field.ts';
import type { FieldType } from './field.ts';
import { compile } from './query.ts';
import type { QueryContext } from './query.ts';
import type { CompiledQuery, OutputColumn } from './soql-compiler.ts';

interface ColumnMetadata {
  aggregate: boolean;
  apexType: string;
  booleanType: boolean;
  columnName: string;
  custom: boolean;
  displayName: string;
  foreignKeyName: string | null;
  insertable: boolean;
  joinColumns: ColumnMetadata[];
  numberType: boolean;
  textType: boolean;
  updatable: boolean;
}

/** @throws RestError MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE */
export function describeColumns(soql: string, context: QueryContext): object {
  const compiled = compile(soql, context);
  return {
    columnMetadata: columnsOf(compiled),
    entityName: compiled.sobject.name,
    groupBy: / GROUP BY /.test(compiled.sql),
    idSelected: compiled.outputs.some(({ name, parents }) => name === 'Id' && parents.length === 0),
    keyPrefix: compiled.sobject.keyPrefix ?? null,
  };
}

function columnsOf({ kind, outputs, typeOfs, children }: CompiledQuery): ColumnMetadata[] {
  if (kind === 'count') return [];
  const columns: ColumnMetadata[] = [];
  for (const output of outputs) {
    let siblings = columns;
    for (const { relationshipName } of output.parents) {
      let parent = siblings.find(({ columnName }) => columnName === relationshipName);
      if (parent === undefined) {
        parent = relationship(relationshipName, relationshipName, false);
        siblings.push(parent);
      }
      siblings = parent.joinColumns;
    }
    siblings.push(toColumn(output, kind === 'aggregate'));
  }
  for (const { relationshipName } of typeOfs) {
    columns.push(relationship(relationshipName, relationshipName, false));
  }
  // A subquery counts as an aggregate: that is how the Salesforce CLI tells it from a parent.
  for (const { relationshipName, compiled } of children) {
    const column = relationship(relationshipName, relationshipName, true);
    column.joinColumns = columnsOf(compiled);
    columns.push(column);
  }
  return columns;
}

function toColumn(
  { name, type, displayName, field, parents }: OutputColumn,
  aggregate: boolean,
): ColumnMetadata {
  return {
    aggregate: aggregate && field === undefined,
    apexType: apexType(type),
    booleanType: type === 'boolean',
    columnName: name,
    custom: field?.custom ?? false,
    displayName,
    foreignKeyName: parents.at(-1)?.relationshipName ?? null,
    insertable: !aggregate && (field?.createable ?? false),
    joinColumns: [],
    numberType: isNumber(type),
    textType: apexType(type) === 'String',
    updatable: !aggregate && (field?.updateable ?? false),
  };
}

function relationship(columnName: string, displayName: string, aggregate: boolean): ColumnMetadata {
  return {
    aggregate,
    apexType: 'complexvaluetype',
    booleanType: false,
    columnName,
    custom: false,
    displayName,
    foreignKeyName: null,
    insertable: false,
    joinColumns: [],
    numberType: false,
    textType: false,
    updatable: false,
  };
}

function apexType(type: FieldType): string {
  switch (type) {
    case 'id':
    case 'reference':
      return 'Id';
    case 'boolean':
      return 'Boolean';
    case 'int':
      return 'Integer';
    case 'double':
    case 'currency':
    case 'percent':
      return 'Double';
    case 'date':
      return 'Date';
    case 'datetime':
      return 'Datetime';
    default:
      return 'String';
  }
}
