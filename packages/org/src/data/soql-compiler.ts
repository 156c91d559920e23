/**
 * From the tree of a SOQL query to SQL. Identifiers come from the catalogue and never from the query;
 * values travel as parameters alone.
 */

import type {
  Condition,
  ConditionWithValueQuery,
  FieldType as SelectedField,
  FunctionExp,
  GroupByClause,
  HavingClause,
  OrderByClause,
  Query,
  QueryBase,
  Subquery,
  WhereClause,
} from '@jetstreamapp/soql-parser-js';
import type { SqlValue } from '../store/database.ts';
import { to18 } from '../store/record-id.ts';
import { dateLiteral } from './date-literal.ts';
import type { Span } from './date-literal.ts';
import { findChildRelationship, findField, findParentField, findSObject } from './sobject.ts';
import type { Field, FieldType, SObject } from './sobject.ts';
import {
  invalidFilter,
  invalidType,
  malformedQuery,
  noSuchColumn,
  noSuchRelation,
  notSupported,
} from './soql-error.ts';

/** One value of a record: where it is in the SQL row, and where it goes in the answer. */
export interface OutputColumn {
  /** Names on the way, `['Account', 'Name']`; one name for a field of the object itself. */
  path: readonly string[];
  /** Objects on the way, one fewer than names. */
  parents: readonly SObject[];
  type: FieldType;
  /** Name in the SQL row. */
  column: string;
  /** Needed to build the record, but not asked for. */
  hidden: boolean;
}

type Add = (output: Omit<OutputColumn, 'column' | 'hidden'>, sql: string, hidden?: true) => void;

export interface ChildQuery {
  relationshipName: string;
  compiled: CompiledQuery;
}

export interface CompiledQuery {
  sobject: SObject;
  sql: string;
  parameters: readonly SqlValue[];
  outputs: readonly OutputColumn[];
  children: readonly ChildQuery[];
  /** `records`, `aggregate` (rows of AggregateResult), or `count` (SELECT COUNT(), a number). */
  kind: 'records' | 'aggregate' | 'count';
  /** Position of the parent's id among the parameters, in a child query. */
  parentParameter: number;
}

export interface CompilerOptions {
  /** The query as typed, for error texts. */
  soql: string;
  /** Milliseconds since 1970, for date literals. */
  now: number;
}

interface ResolvedField {
  field: Field;
  sql: string;
  names: readonly string[];
  parents: readonly SObject[];
}

const aggregateFunctions = new Set(['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG']);
const deepestPath = 5;
const longestResult = 50_000;

/** @throws RestError MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE */
export function compileQuery(query: Query, options: CompilerOptions): CompiledQuery {
  const sobject = findSObject(query.sObject ?? '');
  if (sobject === undefined) throw invalidType(query.sObject ?? '');
  return new QueryCompiler(sobject, query, options).compile();
}

class QueryCompiler {
  readonly #sobject: SObject;
  readonly #query: QueryBase;
  readonly #options: CompilerOptions;
  readonly #parameters: SqlValue[] = [];
  /** Path of relationships -> alias of the joined table. */
  readonly #joins = new Map<string, { alias: string; on: string; sobject: SObject }>();
  readonly #prefix: string;

  constructor(sobject: SObject, query: QueryBase, options: CompilerOptions, prefix = 't') {
    this.#sobject = sobject;
    this.#query = query;
    this.#options = options;
    this.#prefix = prefix;
  }

  /** @param parentField of a child query: restricts it to the children of one parent */
  compile(parentField?: Field): CompiledQuery {
    this.#refuseUnsupported();
    const { fields = [], where, groupBy, having, orderBy } = this.#query;
    const groups = groupBy === undefined ? [] : [groupBy].flat();
    const kind = this.#kindOf(fields, groups);
    const children: ChildQuery[] = [];
    const select: string[] = [];
    const outputs: OutputColumn[] = [];
    const add: Add = (output, sql, hidden) => {
      const column = `c${select.length}`;
      select.push(`${sql} AS "${column}"`);
      outputs.push({ ...output, column, hidden: hidden === true });
    };

    if (kind === 'count') {
      add({ path: ['count'], parents: [], type: 'int' }, 'count(*)');
    } else if (kind === 'aggregate') {
      this.#selectAggregates(fields, groups, add);
    } else {
      // Always there, for the URL of the record and for the way to its children.
      add({ path: ['Id'], parents: [], type: 'id' }, this.#column('Id'), true);
      for (const selected of fields) {
        if (selected.type === 'FieldSubquery') children.push(this.#child(selected.subquery));
        else {
          const resolved = this.#resolve(this.#pathOf(selected));
          const { names: path, parents, field } = resolved;
          add({ path, parents, type: field.type }, resolved.sql);
          if (parents.length > 0) this.#selectParentIds(resolved, add);
        }
      }
    }

    const conditions: string[] = [];
    if (findField(this.#sobject, 'IsDeleted') !== undefined) {
      conditions.push(`${this.#column('IsDeleted')} = 0`);
    }
    if (where !== undefined) conditions.push(`(${this.#where(where)})`);
    if (parentField !== undefined) conditions.push(`${this.#column(parentField.name)} = ?`);
    const grouping =
      groups.length === 0
        ? ''
        : ` GROUP BY ${groups.map((group) => this.#group(group)).join(', ')}`;
    const parentPosition = this.#parameters.length;
    const havingSql = having === undefined ? '' : ` HAVING ${this.#having(having)}`;
    const order = this.#orderBy(orderBy, kind);
    const tail = `${grouping}${havingSql}${order}${this.#limit()}`;
    const from = `"${this.#sobject.name}" AS "${this.#prefix}0"${this.#joinClauses()}`;
    const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    // The parent's id is not known yet; its place among the parameters is.
    if (parentField !== undefined) this.#parameters.splice(parentPosition, 0, null);
    return {
      sobject: this.#sobject,
      sql: `SELECT ${select.join(', ')} FROM ${from}${filter}${tail}`,
      parameters: this.#parameters,
      outputs,
      children,
      kind,
      parentParameter: parentPosition,
    };
  }

  #refuseUnsupported(): void {
    const query = this.#query;
    if (query.usingScope !== undefined) throw notSupported('USING SCOPE');
    if (query.withDataCategory !== undefined) throw notSupported('WITH DATA CATEGORY');
    if (query.for !== undefined) throw notSupported('FOR');
    if (query.update !== undefined) throw notSupported('UPDATE');
  }

  #kindOf(
    fields: readonly SelectedField[],
    groups: readonly GroupByClause[],
  ): CompiledQuery['kind'] {
    const [first] = fields;
    if (
      fields.length === 1 &&
      first?.type === 'FieldFunctionExpression' &&
      first.functionName.toUpperCase() === 'COUNT' &&
      first.parameters.length === 0 &&
      groups.length === 0
    ) {
      return 'count';
    }
    const aggregates = fields.some((selected) => selected.type === 'FieldFunctionExpression');
    return aggregates || groups.length > 0 ? 'aggregate' : 'records';
  }

  #selectAggregates(
    fields: readonly SelectedField[],
    groups: readonly GroupByClause[],
    add: Add,
  ): void {
    const grouped = new Set(groups.map((group) => this.#group(group)));
    let unnamed = 0;
    for (const selected of fields) {
      if (selected.type === 'FieldFunctionExpression') {
        const { sql, type } = this.#aggregate(selected);
        const name = selected.alias ?? `expr${unnamed}`;
        if (selected.alias === undefined) unnamed += 1;
        add({ path: [name], parents: [], type }, sql);
        continue;
      }
      if (selected.type === 'FieldSubquery') throw notSupported('A subquery beside an aggregate');
      const resolved = this.#resolve(this.#pathOf(selected));
      if (!grouped.has(resolved.sql)) {
        throw malformedQuery(`Field must be grouped or aggregated: ${resolved.names.join('.')}`);
      }
      const alias = 'alias' in selected ? selected.alias : undefined;
      add(
        { path: [alias ?? resolved.field.name], parents: [], type: resolved.field.type },
        resolved.sql,
      );
    }
  }

  #aggregate({ functionName = '', parameters = [] }: FunctionExp): {
    sql: string;
    type: FieldType;
  } {
    const name = functionName.toUpperCase();
    const [parameter, ...more] = parameters;
    if (!aggregateFunctions.has(name)) throw notSupported(`${name}()`);
    if (name === 'COUNT' && parameter === undefined) return { sql: 'count(*)', type: 'int' };
    if (typeof parameter !== 'string' || more.length > 0) throw notSupported(`${name}(...)`);
    const { sql, field } = this.#resolve(parameter);
    switch (name) {
      case 'COUNT':
        return { sql: `count(${sql})`, type: 'int' };
      case 'COUNT_DISTINCT':
        return { sql: `count(DISTINCT ${sql})`, type: 'int' };
      case 'MIN':
      case 'MAX':
        return { sql: `${name.toLowerCase()}(${sql})`, type: field.type };
      default:
        if (field.type !== 'int' && field.type !== 'currency') {
          throw malformedQuery(`field ${field.name} does not support aggregate operator ${name}`);
        }
        return { sql: `${name.toLowerCase()}(${sql})`, type: 'currency' };
    }
  }

  #pathOf(selected: Exclude<SelectedField, { type: 'FieldSubquery' }>): string {
    if (selected.type === 'Field') return selected.field;
    if (selected.type === 'FieldRelationship') {
      return [...selected.relationships, selected.field].join('.');
    }
    if (selected.type === 'FieldTypeof') throw notSupported('TYPEOF');
    throw notSupported(`${selected.functionName}()`);
  }

  #child(subquery: Subquery): ChildQuery {
    const relation = findChildRelationship(this.#sobject, subquery.relationshipName);
    if (relation === undefined) throw noSuchRelation(subquery.relationshipName, this.#options.soql);
    const { child, field } = relation;
    if (subquery.fields?.some((selected) => selected.type === 'FieldSubquery') === true) {
      throw notSupported('A subquery within a subquery');
    }
    const compiled = new QueryCompiler(child, subquery, this.#options).compile(field);
    if (compiled.kind !== 'records') throw notSupported('An aggregate in a subquery');
    return {
      relationshipName: field.childRelationshipName ?? subquery.relationshipName,
      compiled,
    };
  }

  /** A parent that is not there is answered as null: its id tells. */
  #selectParentIds({ names, parents }: ResolvedField, add: Add): void {
    for (let depth = 1; depth <= parents.length; depth += 1) {
      const way = names.slice(0, depth);
      const join = this.#joins.get(way.join('.').toLowerCase());
      if (join !== undefined) {
        const path = [...way, 'Id'];
        add({ path, parents: parents.slice(0, depth), type: 'id' }, `"${join.alias}"."Id"`, true);
      }
    }
  }

  #column(name: string): string {
    return `"${this.#prefix}0"."${name}"`;
  }

  /** `Account.Owner.Name`, with the alias or name of the object in front or not. */
  #resolve(path: string): ResolvedField {
    const words = path.split('.');
    const [first = ''] = words;
    const { sObjectAlias } = this.#query;
    const isSelf =
      words.length > 1 &&
      (first.toLowerCase() === sObjectAlias?.toLowerCase() ||
        (first.toLowerCase() === this.#sobject.name.toLowerCase() &&
          findParentField(this.#sobject, first) === undefined));
    const names = isSelf ? words.slice(1) : words;
    if (names.length > deepestPath + 1) throw malformedQuery(`Too many relationships: ${path}`);
    let sobject = this.#sobject;
    let alias = `${this.#prefix}0`;
    const spelled: string[] = [];
    const parents: SObject[] = [];
    for (const name of names.slice(0, -1)) {
      const parent = findParentField(sobject, name);
      const target = findSObject(parent?.referenceTo?.[0] ?? '');
      if (parent?.relationshipName === undefined || target === undefined) {
        throw noSuchRelation(name, this.#options.soql);
      }
      spelled.push(parent.relationshipName);
      const key = spelled.join('.').toLowerCase();
      let join = this.#joins.get(key);
      if (join === undefined) {
        const joined = `${this.#prefix}${this.#joins.size + 1}`;
        const on = `"${joined}"."Id" = "${alias}"."${parent.name}"`;
        join = { alias: joined, on, sobject: target };
        this.#joins.set(key, join);
      }
      alias = join.alias;
      sobject = target;
      parents.push(target);
    }
    const last = names.at(-1) ?? '';
    const field = findField(sobject, last);
    if (field === undefined) throw noSuchColumn(last, sobject.name, this.#options.soql);
    return { field, sql: `"${alias}"."${field.name}"`, names: [...spelled, field.name], parents };
  }

  #joinClauses(): string {
    return [...this.#joins.values()]
      .map(({ alias, on, sobject }) => ` LEFT JOIN "${sobject.name}" AS "${alias}" ON ${on}`)
      .join('');
  }

  #where(clause: WhereClause): string {
    requireOperator(clause);
    const { left } = clause;
    const open = left !== null && 'openParen' in left ? '('.repeat(left.openParen ?? 0) : '';
    if ('operator' in clause && clause.operator === 'NOT') {
      return `${open}NOT ${this.#where(clause.right)}`;
    }
    if (left === null || !('operator' in left)) throw malformedQuery('unexpected token: NOT');
    const close = ')'.repeat(left.closeParen ?? 0);
    const condition = `${open}${this.#condition(left)}${close}`;
    return 'operator' in clause
      ? `${condition} ${clause.operator} ${this.#where(clause.right)}`
      : condition;
  }

  #having(clause: HavingClause): string {
    requireOperator(clause);
    const { left } = clause;
    if (!('operator' in left)) throw notSupported('NOT in HAVING');
    const open = '('.repeat(left.openParen ?? 0);
    const condition = `${open}${this.#condition(left)}${')'.repeat(left.closeParen ?? 0)}`;
    return 'operator' in clause
      ? `${condition} ${clause.operator} ${this.#having(clause.right)}`
      : condition;
  }

  /** True or false, never unknown: SOQL has no third value. */
  #condition(condition: ConditionWithValueQuery): string {
    return `coalesce(${this.#comparison(condition)}, 0)`;
  }

  #comparison(condition: ConditionWithValueQuery): string {
    if (!('operator' in condition)) throw malformedQuery('unexpected token: NOT');
    if ('valueQuery' in condition) return this.#semiJoin(condition);
    if ('fn' in condition) {
      const { sql, type } = this.#aggregate(condition.fn);
      return this.#compare(sql, condition.fn.rawValue ?? '', type, condition);
    }
    const { sql, field } = this.#resolve(condition.field);
    return this.#compare(sql, field.name, field.type, condition);
  }

  #semiJoin(condition: Extract<ConditionWithValueQuery, { valueQuery: Query }>): string {
    const { sql } = this.#resolve(condition.field);
    const { operator, valueQuery } = condition;
    if (operator !== 'IN' && operator !== 'NOT IN') throw malformedQuery(`unexpected ${operator}`);
    const sobject = findSObject(valueQuery.sObject ?? '');
    if (sobject === undefined) throw invalidType(valueQuery.sObject ?? '');
    const [selected, ...more] = valueQuery.fields ?? [];
    if (selected === undefined || selected.type === 'FieldSubquery' || more.length > 0) {
      throw malformedQuery('An inner select must have exactly one field');
    }
    const inner = new QueryCompiler(sobject, valueQuery, this.#options, `${this.#prefix}s`);
    const column = inner.#resolve(inner.#pathOf(selected)).sql;
    const where = valueQuery.where === undefined ? '1' : inner.#where(valueQuery.where);
    const deleted =
      findField(sobject, 'IsDeleted') === undefined ? '' : ` AND ${inner.#column('IsDeleted')} = 0`;
    this.#parameters.push(...inner.#parameters);
    const from = `"${sobject.name}" AS "${inner.#prefix}0"${inner.#joinClauses()}`;
    // A null among the values would make NOT IN unknown for every row.
    return `${sql} ${operator} (SELECT ${column} FROM ${from} WHERE (${where})${deleted} AND ${column} IS NOT NULL)`;
  }

  #compare(
    sql: string,
    name: string,
    type: FieldType,
    condition: Exclude<Condition, { openParen: number; operator?: never }>,
  ): string {
    if (!('operator' in condition)) throw malformedQuery('unexpected token: NOT');
    const { operator } = condition;
    const values = [condition.value].flat();
    const literalTypes = [condition.literalType ?? []].flat();
    if (operator === 'INCLUDES' || operator === 'EXCLUDES') {
      throw invalidFilter(name, `does not support ${operator}: it is not a multipicklist`);
    }
    if (operator === 'IN' || operator === 'NOT IN') {
      const each = values.map((value, index) =>
        this.#equals(sql, name, type, value, literalTypes[index] ?? literalTypes[0] ?? ''),
      );
      const any = `(${each.join(' OR ')})`;
      return operator === 'IN' ? any : `NOT ${any}`;
    }
    const [value = ''] = values;
    const [literalType = ''] = literalTypes;
    if (operator === 'LIKE') return this.#like(sql, name, type, value, literalType);
    if (operator === '=') return this.#equals(sql, name, type, value, literalType);
    if (operator === '!=') return `NOT ${this.#equals(sql, name, type, value, literalType)}`;
    return this.#order(sql, name, type, operator, value, literalType);
  }

  /** Null equals null, and a span of time equals every instant in it. */
  #equals(sql: string, name: string, type: FieldType, value: string, literal: string): string {
    const span = this.#span(type, name, value, literal);
    if (span !== undefined) {
      this.#parameters.push(span.start, span.end);
      return `coalesce(${sql} >= ? AND ${sql} < ?, 0)`;
    }
    this.#parameters.push(toParameter(type, name, value, literal));
    return `(${sql} IS ?)`;
  }

  #order(
    sql: string,
    name: string,
    type: FieldType,
    operator: '<' | '<=' | '>' | '>=',
    value: string,
    literal: string,
  ): string {
    if (type === 'boolean' || type === 'id' || type === 'reference') {
      throw invalidFilter(name, `does not support the operator ${operator}`);
    }
    const span = this.#span(type, name, value, literal);
    if (span !== undefined) {
      // Before a span is before its start; up to it, before its end.
      this.#parameters.push(operator === '<' || operator === '>=' ? span.start : span.end);
      return `${sql} ${operator.startsWith('<') ? '<' : '>='} ?`;
    }
    this.#parameters.push(toParameter(type, name, value, literal));
    return `${sql} ${operator} ?`;
  }

  #like(sql: string, name: string, type: FieldType, value: string, literal: string): string {
    if (literal !== 'STRING') throw invalidFilter(name, 'must be of type string with LIKE');
    if (['boolean', 'int', 'currency', 'datetime', 'id', 'reference'].includes(type)) {
      throw invalidFilter(name, 'does not support the operator LIKE');
    }
    this.#parameters.push(unquote(value, { keepWildcards: true }));
    return String.raw`${sql} LIKE ? ESCAPE '\'`;
  }

  #span(type: FieldType, name: string, value: string, literal: string): Span | undefined {
    if (literal !== 'DATE_LITERAL' && literal !== 'DATE_N_LITERAL') return undefined;
    if (type !== 'datetime') throw invalidFilter(name, `must be of type ${type}`);
    const span = dateLiteral(value, this.#options.now);
    if (span === undefined) throw notSupported(value);
    return span;
  }

  #group(group: GroupByClause): string {
    if ('fn' in group) throw notSupported(`GROUP BY ${group.fn.functionName ?? 'function'}()`);
    return this.#resolve(group.field).sql;
  }

  #orderBy(
    clauses: OrderByClause | OrderByClause[] | undefined,
    kind: CompiledQuery['kind'],
  ): string {
    if (clauses === undefined || kind === 'count') return '';
    const terms = [clauses].flat().map((clause) => {
      const sql = 'fn' in clause ? this.#aggregate(clause.fn).sql : this.#resolve(clause.field).sql;
      const nulls = clause.nulls === undefined ? '' : ` NULLS ${clause.nulls}`;
      return `${sql} ${clause.order ?? 'ASC'}${nulls}`;
    });
    return ` ORDER BY ${terms.join(', ')}`;
  }

  #limit(): string {
    const { limit, offset } = this.#query;
    if (offset !== undefined && offset > 2000) {
      throw malformedQuery('Maximum SOQL offset allowed is 2000');
    }
    this.#parameters.push(Math.min(limit ?? longestResult, longestResult), offset ?? 0);
    return ' LIMIT ? OFFSET ?';
  }
}

/** The parser takes `a = 1 b = 2` and `a = 1 NOT b = 2`, which are no SOQL. */
function requireOperator(clause: WhereClause | HavingClause): void {
  if ('right' in clause && clause.operator === undefined) {
    throw malformedQuery('unexpected token: expecting AND or OR between two conditions');
  }
}

/** A literal as the field wants it; a wrong kind is refused as Salesforce does. */
function toParameter(type: FieldType, name: string, value: string, literal: string): SqlValue {
  if (literal === 'NULL') return null;
  const quoted = literal === 'STRING';
  const number = literal === 'INTEGER' || literal === 'DECIMAL';
  switch (type) {
    case 'boolean':
      if (literal !== 'BOOLEAN')
        throw invalidFilter(name, 'must be of type boolean and should not be enclosed in quotes');
      return value.toUpperCase() === 'TRUE' ? 1 : 0;
    case 'int':
    case 'currency':
      if (!number)
        throw invalidFilter(
          name,
          `must be of type ${type === 'int' ? 'int' : 'double'} and should not be enclosed in quotes`,
        );
      return Number(value);
    case 'datetime': {
      const time = literal === 'DATETIME' ? Date.parse(value) : Number.NaN;
      if (Number.isNaN(time))
        throw invalidFilter(name, 'must be of type dateTime and should not be enclosed in quotes');
      return time;
    }
    case 'id':
    case 'reference':
      if (!quoted)
        throw invalidFilter(name, 'must be of type string and should be enclosed in quotes');
      return to18(unquote(value));
    default:
      if (!quoted)
        throw invalidFilter(name, 'must be of type string and should be enclosed in quotes');
      return unquote(value);
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Text between quotes, with its escape sequences; escaped wildcards stay so for LIKE. */
function unquote(literal: string, { keepWildcards = false } = {}): string {
  return literal.slice(1, -1).replace(/\\(.)/gs, (sequence, letter: string) => {
    if (keepWildcards && (letter === '%' || letter === '_' || letter === '\\')) return sequence;
    return escapes[letter.toLowerCase()] ?? letter;
  });
}
