/**
 * From the tree of a SOQL query to SQL. Identifiers come from the catalogue and never from the query;
 * values travel as parameters alone.
 */

import type {
  Condition,
  ConditionWithValueQuery,
  FieldType as SelectedField,
  FieldTypeOf,
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
import type { Catalogue } from './catalogue.ts';
import { computedSql } from './computed-field.ts';
import { dateFunction } from './date-function.ts';
import { isNumber, isText } from './field.ts';
import type { Field, FieldType } from './field.ts';
import { nameObject } from './objects/name.ts';
import type { SObject } from './sobject.ts';
import {
  duplicateField,
  invalidFilter,
  invalidOperator,
  invalidType,
  malformedQuery,
  noSuchChildRelation,
  noSuchColumn,
  noSuchRelation,
  notFilterable,
  notSupported,
  offsetTooLarge,
} from './soql-error.ts';
import { toParameter, toSpan, unquote } from './soql-literal.ts';
import type { Literal, Operand } from './soql-literal.ts';

/** A record on the way up: there when its id is. */
export interface ParentRow {
  /** Name of the relationship that leads to it. */
  relationshipName: string;
  sobject: SObject;
  /** Column of the SQL row that holds its id. */
  idColumn: string;
  /** Column that holds what it is, where a relationship leads to several kinds. */
  typeColumn: string | undefined;
}

/** One value of a record: where it is in the SQL row, and where it goes in the answer. */
export interface OutputColumn {
  name: string;
  /** Records on the way; none for a field of the object itself. */
  parents: readonly ParentRow[];
  type: FieldType;
  /** Name in the SQL row. */
  column: string;
  /** As described to who asks for the columns. */
  displayName: string;
  field: Field | undefined;
}

/** Other fields for each kind of object at the end of a relationship. */
export interface TypeOfOutput {
  relationshipName: string;
  cases: readonly { parent: ParentRow; outputs: readonly OutputColumn[] }[];
}

export interface ChildQuery {
  relationshipName: string;
  compiled: CompiledQuery;
}

export interface CompiledQuery {
  sobject: SObject;
  sql: string;
  parameters: readonly SqlValue[];
  outputs: readonly OutputColumn[];
  typeOfs: readonly TypeOfOutput[];
  children: readonly ChildQuery[];
  /** `records`, `aggregate` (rows of AggregateResult), or `count` (SELECT COUNT(), a number). */
  kind: 'records' | 'aggregate' | 'count';
  /** Position of the parent's id among the parameters, in a child query. */
  parentParameter: number;
}

export interface CompilerOptions {
  catalogue: Catalogue;
  /** The query as typed, for error texts. */
  soql: string;
  /** Milliseconds since 1970, for date literals. */
  now: number;
  /** With what is in the recycle bin. */
  includeDeleted: boolean;
  /** The session of who asks: an id of ours, and as such part of the SQL. */
  sessionId: string;
}

interface ResolvedField {
  field: Field;
  sql: string;
  /** Relationships on the way. */
  way: readonly string[];
}

interface Join {
  alias: string;
  on: string;
  sobject: SObject;
  relationshipName: string;
  parent?: ParentRow;
}

interface Expression {
  sql: string;
  type: FieldType;
  displayName: string;
}

type Selected<T extends SelectedField['type']> = Extract<SelectedField, { type: T }>;

const aggregateFunctions = new Set(['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG']);
/** Functions that change how a value is shown; in an org with one language and currency, nothing. */
const displayFunctions = new Set(['TOLABEL', 'CONVERTCURRENCY']);
const deepestPath = 5;
const mostOfFields = 200;
const largestInteger = 2_147_483_647;

/** @throws RestError MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE */
export function compileQuery(query: Query, options: CompilerOptions): CompiledQuery {
  const name = query.sObject ?? '';
  const sobject = options.catalogue.find(name);
  if (sobject === undefined) throw invalidType(name, options.soql);
  return new QueryCompiler(sobject, query, options).compile();
}

class QueryCompiler {
  readonly #sobject: SObject;
  readonly #query: QueryBase;
  readonly #options: CompilerOptions;
  readonly #parameters: SqlValue[] = [];
  /** Path of relationships -> the joined table. */
  readonly #joins = new Map<string, Join>();
  readonly #prefix: string;
  readonly #select: string[] = [];
  readonly #outputs: OutputColumn[] = [];
  readonly #typeOfs: TypeOfOutput[] = [];
  /** Parentheses of the filter that wait to be closed. */
  #open = 0;

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
    if (kind === 'count') {
      this.#column('count(*)');
    } else if (kind === 'aggregate') {
      this.#selectAggregates(fields, groups);
    } else {
      // Always there, for the URL of the record and for the way to its children.
      this.#column(this.#own('Id'));
      for (const selected of fields) {
        if (selected.type === 'FieldSubquery') children.push(this.#child(selected.subquery));
        else if (selected.type === 'FieldTypeof') this.#typeOf(selected);
        else this.#selectField(selected);
      }
    }

    const conditions: string[] = [];
    if (this.#sobject.hasRecycleBin && !this.#options.includeDeleted) {
      conditions.push(`${this.#own('IsDeleted')} = 0`);
    }
    if (this.#sobject.name === 'AuthSession') {
      // A session that ended is none, though its row is still there.
      conditions.push(
        `coalesce(${this.#own('_expires')}, ${this.#own('LastModifiedDate')} + ${this.#own('NumSecondsValid')} * 1000) > ${this.#options.now}`,
      );
    }
    if (where !== undefined) conditions.push(`(${this.#where(where)})`);
    if (parentField !== undefined) conditions.push(`${this.#own(parentField.name)} = ?`);
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
      sql: `SELECT ${this.#select.join(', ')} FROM ${from}${filter}${tail}`,
      parameters: this.#parameters,
      outputs: this.#outputs,
      typeOfs: this.#typeOfs,
      children,
      kind,
      parentParameter: parentPosition,
    };
  }

  #refuseUnsupported(): void {
    const { usingScope, withDataCategory, update } = this.#query;
    if (usingScope !== undefined && usingScope.toUpperCase() !== 'EVERYTHING') {
      throw notSupported(`USING SCOPE ${usingScope}`);
    }
    if (withDataCategory !== undefined) throw notSupported('WITH DATA CATEGORY');
    if (update !== undefined) throw notSupported(`UPDATE ${update}`);
    if (this.#query.for === 'UPDATE') throw notSupported('FOR UPDATE');
  }

  #kindOf(
    fields: readonly SelectedField[],
    groups: readonly GroupByClause[],
  ): CompiledQuery['kind'] {
    const functions = fields
      .filter((selected) => selected.type === 'FieldFunctionExpression')
      .map(({ functionName, parameters }) => ({ name: functionName.toUpperCase(), parameters }));
    const [first] = functions;
    const countsAll = first?.name === 'COUNT' && first.parameters.length === 0;
    if (countsAll && fields.length === 1 && groups.length === 0) return 'count';
    const isShown = (name: string): boolean => name === 'FIELDS' || displayFunctions.has(name);
    const aggregates = functions.some(({ name }) => !isShown(name));
    return aggregates || groups.length > 0 ? 'aggregate' : 'records';
  }

  /** Adds to what SQL selects and tells the name of it. */
  #column(sql: string): string {
    const column = `c${this.#select.length}`;
    this.#select.push(`${sql} AS "${column}"`);
    return column;
  }

  #selectField(
    selected:
      | Selected<'Field'>
      | Selected<'FieldRelationship'>
      | Selected<'FieldFunctionExpression'>,
  ): void {
    if (selected.type === 'Field') {
      if (selected.alias !== undefined)
        throw malformedQuery('only aggregate expressions use field aliasing');
      return this.#selectPath(selected.field);
    }
    if (selected.type === 'FieldRelationship') {
      return this.#selectPath([...selected.relationships, selected.field].join('.'));
    }
    const [parameter] = selected.parameters;
    if (selected.functionName.toUpperCase() === 'FIELDS') return this.#selectAll(parameter);
    if (typeof parameter !== 'string') throw notSupported(`${selected.functionName}(...)`);
    return this.#selectPath(parameter, selected.alias);
  }

  #selectPath(path: string, alias?: string): void {
    const { field, sql, way } = this.#resolve(path);
    const name = alias ?? field.name;
    const parents = this.#parents(way);
    const isThere = this.#outputs.some(
      (output) =>
        output.name === name &&
        output.parents.length === parents.length &&
        output.parents.every((parent, depth) => parent === parents[depth]),
    );
    if (isThere) throw duplicateField([...way, name].join('.'));
    this.#outputs.push({
      name,
      parents,
      type: field.type,
      column: this.#column(sql),
      displayName: name,
      field,
    });
  }

  /** FIELDS(ALL), FIELDS(STANDARD), FIELDS(CUSTOM) */
  #selectAll(which: unknown): void {
    const word = String(which).toUpperCase();
    if (word !== 'ALL' && word !== 'STANDARD' && word !== 'CUSTOM') {
      throw malformedQuery(`unexpected token: '${String(which)}'`);
    }
    if (word !== 'STANDARD' && (this.#query.limit ?? mostOfFields + 1) > mostOfFields) {
      throw malformedQuery('The SOQL FIELDS function must have a LIMIT of at most 200');
    }
    for (const { name, custom } of this.#sobject.fields) {
      if (word === 'ALL' || custom === (word === 'CUSTOM')) this.#selectPath(name);
    }
  }

  /** TYPEOF What WHEN Account THEN Phone ELSE Name END */
  #typeOf({ field: relationshipName, conditions }: FieldTypeOf): void {
    const field = this.#sobject.parentField(relationshipName);
    const parent = field === undefined ? undefined : this.#options.catalogue.parentOf(field);
    if (field?.relationshipName === undefined || parent === undefined) {
      throw noSuchRelation(relationshipName, this.#options.soql);
    }
    const cases = conditions.map(({ objectType, fieldList }) => {
      const sobject = objectType === undefined ? parent : this.#options.catalogue.find(objectType);
      if (
        sobject === undefined ||
        (objectType !== undefined && !field.referenceTo.includes(sobject.name))
      ) {
        throw invalidType(objectType ?? '', this.#options.soql);
      }
      const join = this.#join(`typeof ${field.name} ${sobject.name}`, {
        on: this.#own(field.name),
        sobject,
        relationshipName: field.relationshipName ?? '',
      });
      const outputs = fieldList.map((name) => {
        const found = sobject.field(name);
        if (found === undefined) throw noSuchColumn(name, sobject.name, this.#options.soql);
        return {
          name: found.name,
          parents: [],
          type: found.type,
          column: this.#column(`"${join.alias}"."${found.name}"`),
          displayName: found.name,
          field: found,
        };
      });
      return { parent: this.#parentRow(join), outputs };
    });
    this.#typeOfs.push({ relationshipName: field.relationshipName, cases });
  }

  #selectAggregates(fields: readonly SelectedField[], groups: readonly GroupByClause[]): void {
    const grouped = new Set(groups.map((group) => this.#group(group)));
    let unnamed = 0;
    for (const selected of fields) {
      if (selected.type === 'FieldSubquery' || selected.type === 'FieldTypeof') {
        throw malformedQuery('Grouped query cannot use child relationships in the SELECT list');
      }
      let expression: Expression;
      let field: Field | undefined;
      let name = 'alias' in selected ? selected.alias : undefined;
      if (selected.type === 'FieldFunctionExpression') {
        expression = this.#function(selected);
        name ??= `expr${unnamed}`;
        if (selected.alias === undefined) unnamed += 1;
      } else {
        const path =
          selected.type === 'Field'
            ? selected.field
            : [...selected.relationships, selected.field].join('.');
        const resolved = this.#resolve(path);
        field = resolved.field;
        expression = { sql: resolved.sql, type: field.type, displayName: field.name };
        name ??= field.name;
      }
      const isAggregate =
        selected.type === 'FieldFunctionExpression' &&
        aggregateFunctions.has(selected.functionName.toUpperCase());
      if (!isAggregate && !grouped.has(expression.sql)) {
        throw malformedQuery(
          `Field must be grouped or aggregated: ${field?.name ?? expression.displayName}`,
        );
      }
      this.#outputs.push({
        name,
        parents: [],
        type: expression.type,
        column: this.#column(expression.sql),
        displayName: expression.displayName,
        field,
      });
    }
  }

  /** An aggregate or a date function. */
  #function({ functionName = '', parameters = [] }: FunctionExp): Expression {
    const name = functionName.toUpperCase();
    const [parameter, ...more] = parameters;
    if (name === 'COUNT' && parameter === undefined) {
      return { sql: 'count(*)', type: 'int', displayName: 'count()' };
    }
    if (typeof parameter !== 'string' || more.length > 0) throw notSupported(`${name}(...)`);
    const { sql, field } = this.#resolve(parameter);
    const displayName = `${name.toLowerCase()}(${field.name})`;
    if (!aggregateFunctions.has(name)) {
      if (displayFunctions.has(name)) return { sql, type: field.type, displayName };
      const isTime = field.type === 'date' || field.type === 'datetime';
      const result = dateFunction(name, sql, field.type);
      if (result === undefined) throw notSupported(`${name}()`);
      if (!isTime)
        throw malformedQuery(`field ${field.name} does not support date function ${name}`);
      return { ...result, displayName };
    }
    switch (name) {
      case 'COUNT':
        return { sql: `count(${sql})`, type: 'int', displayName };
      case 'COUNT_DISTINCT':
        return { sql: `count(DISTINCT ${sql})`, type: 'int', displayName };
      case 'MIN':
      case 'MAX':
        if (field.type === 'boolean') throw notAggregable(field.name, name);
        return { sql: `${name.toLowerCase()}(${sql})`, type: field.type, displayName };
      default:
        if (!isNumber(field.type)) throw notAggregable(field.name, name);
        return { sql: `${name.toLowerCase()}(${sql})`, type: 'double', displayName };
    }
  }

  #child(subquery: Subquery): ChildQuery {
    const { catalogue, soql } = this.#options;
    const relation = catalogue.findChildRelationship(this.#sobject, subquery.relationshipName);
    if (relation === undefined) throw noSuchChildRelation(subquery.relationshipName, soql);
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

  #own(name: string): string {
    return `"${this.#prefix}0"."${name}"`;
  }

  /** `Account.Owner.Name`, with the alias or name of the object in front or not. */
  #resolve(path: string): ResolvedField {
    const { catalogue, soql } = this.#options;
    const words = path.split('.');
    const [first = ''] = words;
    const { sObjectAlias } = this.#query;
    const isSelf =
      words.length > 1 &&
      (first.toLowerCase() === sObjectAlias?.toLowerCase() ||
        (first.toLowerCase() === this.#sobject.name.toLowerCase() &&
          this.#sobject.parentField(first) === undefined));
    const names = isSelf ? words.slice(1) : words;
    if (names.length > deepestPath + 1) {
      throw malformedQuery(`SOQL relationship path has more than ${deepestPath} levels: ${path}`);
    }
    let sobject = this.#sobject;
    let alias = `${this.#prefix}0`;
    const way: string[] = [];
    for (const name of names.slice(0, -1)) {
      const parent = sobject.parentField(name);
      const target = parent === undefined ? undefined : catalogue.parentOf(parent);
      if (parent?.relationshipName === undefined || target === undefined) {
        throw noSuchRelation(name, soql);
      }
      way.push(parent.relationshipName);
      const join = this.#join(way.join('.').toLowerCase(), {
        on: `"${alias}"."${parent.name}"`,
        sobject: target,
        relationshipName: parent.relationshipName,
      });
      alias = join.alias;
      sobject = target;
    }
    const last = names.at(-1) ?? '';
    const field = sobject.field(last);
    if (field === undefined) throw noSuchColumn(last, sobject.name, soql);
    const computed = computedSql(sobject, field.name, alias, this.#options.sessionId);
    return { field, sql: computed ?? `"${alias}"."${field.name}"`, way };
  }

  #join(key: string, parts: Omit<Join, 'alias'>): Join {
    let join = this.#joins.get(key);
    if (join === undefined) {
      const alias = `${this.#prefix}${this.#joins.size + 1}`;
      join = { ...parts, alias, on: `"${alias}"."Id" = ${parts.on}` };
      this.#joins.set(key, join);
    }
    return join;
  }

  #parents(way: readonly string[]): ParentRow[] {
    return way.flatMap((_, depth) => {
      const join = this.#joins.get(
        way
          .slice(0, depth + 1)
          .join('.')
          .toLowerCase(),
      );
      return join === undefined ? [] : [this.#parentRow(join)];
    });
  }

  #parentRow(join: Join): ParentRow {
    join.parent ??= {
      relationshipName: join.relationshipName,
      sobject: join.sobject,
      idColumn: this.#column(`"${join.alias}"."Id"`),
      typeColumn: join.sobject === nameObject ? this.#column(`"${join.alias}"."Type"`) : undefined,
    };
    return join.parent;
  }

  #joinClauses(): string {
    return [...this.#joins.values()]
      .map(({ alias, on, sobject }) => ` LEFT JOIN "${sobject.name}" AS "${alias}" ON ${on}`)
      .join('');
  }

  #where(clause: WhereClause): string {
    requireOperator(clause);
    const { left } = clause;
    const open = this.#parentheses('(', left !== null && 'openParen' in left ? left.openParen : 0);
    if ('operator' in clause && clause.operator === 'NOT') {
      return `${open}NOT ${this.#where(clause.right)}`;
    }
    if (left === null || !('operator' in left)) throw malformedQuery('unexpected token: NOT');
    const close = this.#parentheses(')', left.closeParen);
    const condition = `${open}${this.#condition(left, 'WHERE')}${close}`;
    if ('operator' in clause) return `${condition} ${clause.operator} ${this.#where(clause.right)}`;
    // The parser forgets some of many NOTs within each other, and tells by what is left open.
    if (this.#open !== 0) throw notSupported('NOT within NOT, three times and more,');
    return condition;
  }

  #parentheses(which: '(' | ')', count = 0): string {
    this.#open += which === '(' ? count : -count;
    return which.repeat(count);
  }

  #having(clause: HavingClause): string {
    requireOperator(clause);
    const { left } = clause;
    if (!('operator' in left)) throw notSupported('NOT in HAVING');
    const open = '('.repeat(left.openParen ?? 0);
    const condition = `${open}${this.#condition(left, 'HAVING')}${')'.repeat(left.closeParen ?? 0)}`;
    return 'operator' in clause
      ? `${condition} ${clause.operator} ${this.#having(clause.right)}`
      : condition;
  }

  /** True or false, never unknown: SOQL has no third value. */
  #condition(condition: ConditionWithValueQuery, clause: 'WHERE' | 'HAVING'): string {
    return `coalesce(${this.#comparison(condition, clause)}, 0)`;
  }

  #comparison(condition: ConditionWithValueQuery, clause: 'WHERE' | 'HAVING'): string {
    if (!('operator' in condition)) throw malformedQuery('unexpected token: NOT');
    if ('valueQuery' in condition) return this.#semiJoin(condition);
    if ('fn' in condition) {
      const name = condition.fn.functionName?.toUpperCase() ?? '';
      if (clause === 'WHERE' && aggregateFunctions.has(name)) {
        throw malformedQuery(`unexpected token: '${name}'`);
      }
      const { sql, type } = this.#function(condition.fn);
      return this.#compare(sql, { name: condition.fn.rawValue ?? '', type }, condition);
    }
    const { sql, field } = this.#resolve(condition.field);
    if (field.type === 'textarea' && field.length > 255) {
      throw notFilterable(field.name, this.#options.soql);
    }
    return this.#compare(sql, field, condition);
  }

  #semiJoin(condition: Extract<ConditionWithValueQuery, { valueQuery: Query }>): string {
    const { sql } = this.#resolve(condition.field);
    const { operator, valueQuery } = condition;
    if (operator !== 'IN' && operator !== 'NOT IN') {
      throw malformedQuery(`unexpected token: '${operator}'`);
    }
    const name = valueQuery.sObject ?? '';
    const sobject = this.#options.catalogue.find(name);
    if (sobject === undefined) throw invalidType(name, this.#options.soql);
    const [selected, ...more] = valueQuery.fields ?? [];
    if ((selected?.type !== 'Field' && selected?.type !== 'FieldRelationship') || more.length > 0) {
      throw malformedQuery('Semi join sub-selects can only query one field');
    }
    const path =
      selected.type === 'Field'
        ? selected.field
        : [...selected.relationships, selected.field].join('.');
    const inner = new QueryCompiler(sobject, valueQuery, this.#options, `${this.#prefix}s`);
    const column = inner.#resolve(path).sql;
    const where = valueQuery.where === undefined ? '1' : inner.#where(valueQuery.where);
    const deleted =
      sobject.hasRecycleBin && !this.#options.includeDeleted
        ? ` AND ${inner.#own('IsDeleted')} = 0`
        : '';
    this.#parameters.push(...inner.#parameters);
    const from = `"${sobject.name}" AS "${inner.#prefix}0"${inner.#joinClauses()}`;
    // A null among the values would make NOT IN unknown for every row.
    return `${sql} ${operator} (SELECT ${column} FROM ${from} WHERE (${where})${deleted} AND ${column} IS NOT NULL)`;
  }

  #compare(
    sql: string,
    operand: Operand,
    condition: Exclude<Condition, { openParen: number; operator?: never }>,
  ): string {
    if (!('operator' in condition)) throw malformedQuery('unexpected token: NOT');
    const { operator } = condition;
    const kinds = [condition.literalType ?? []].flat();
    const literals = [condition.value]
      .flat()
      .map((text, index): Literal => ({ text, kind: kinds[index] ?? kinds[0] ?? '' }));
    const [literal = { text: '', kind: '' }] = literals;
    switch (operator) {
      case 'INCLUDES':
        return this.#includes(sql, operand, literals);
      case 'EXCLUDES':
        return `NOT ${this.#includes(sql, operand, literals)}`;
      case 'IN':
        return this.#isOneOf(sql, operand, literals);
      case 'NOT IN':
        return `NOT ${this.#isOneOf(sql, operand, literals)}`;
      case 'LIKE':
        return this.#like(sql, operand, literal);
      case '=':
        return this.#equals(sql, operand, literal);
      case '!=':
        return `NOT ${this.#equals(sql, operand, literal)}`;
      default:
        return this.#order(sql, operand, operator, literal);
    }
  }

  /** One of many: a list in SQL too, since thousands of ids are usual. */
  #isOneOf(sql: string, operand: Operand, literals: readonly Literal[]): string {
    const isSpan = ({ kind }: Literal): boolean => kind.startsWith('DATE_');
    const values = literals
      .filter((literal) => !isSpan(literal))
      .map((literal) => toParameter(operand, literal, this.#options.soql));
    const given = values.filter((value) => value !== null);
    const terms: string[] = [];
    if (given.length > 0) {
      this.#parameters.push(...given);
      terms.push(`coalesce(${sql} IN (${given.map(() => '?').join(', ')}), 0)`);
    }
    if (given.length < values.length) terms.push(`${sql} IS NULL`);
    for (const literal of literals.filter(isSpan)) {
      terms.push(this.#equals(sql, operand, literal));
    }
    return `(${terms.join(' OR ')})`;
  }

  /** Each value names one choice, or several that all have to be there: `'a;b'`. */
  #includes(sql: string, { name, type }: Operand, literals: readonly Literal[]): string {
    if (type !== 'multipicklist') throw invalidOperator(type, name, this.#options.soql);
    const alternatives = literals.map(({ text, kind }) => {
      if (kind !== 'STRING') {
        throw invalidFilter(name, 'must be of type string and should be enclosed in quotes');
      }
      const choices = unquote(text).split(';');
      this.#parameters.push(...choices.map((choice) => `;${choice};`));
      return choices.map(() => `instr(';' || ${sql} || ';', ?) > 0`).join(' AND ');
    });
    return `coalesce((${alternatives.join(') OR (')}), 0)`;
  }

  /** Null equals null, and a span of time equals every instant in it. */
  #equals(sql: string, operand: Operand, literal: Literal): string {
    const span = toSpan(operand, literal, this.#options.now);
    if (span !== undefined) {
      this.#parameters.push(span.start, span.end);
      return `coalesce(${sql} >= ? AND ${sql} < ?, 0)`;
    }
    this.#parameters.push(toParameter(operand, literal, this.#options.soql));
    return `(${sql} IS ?)`;
  }

  #order(
    sql: string,
    operand: Operand,
    operator: '<' | '<=' | '>' | '>=',
    literal: Literal,
  ): string {
    const { name, type } = operand;
    if (type === 'boolean' || type === 'multipicklist') {
      throw invalidOperator(type, name, this.#options.soql);
    }
    const span = toSpan(operand, literal, this.#options.now);
    if (span !== undefined) {
      // Before a span is before its start; up to it, before its end.
      this.#parameters.push(operator === '<' || operator === '>=' ? span.start : span.end);
      return `${sql} ${operator.startsWith('<') ? '<' : '>='} ?`;
    }
    this.#parameters.push(toParameter(operand, literal, this.#options.soql));
    return `${sql} ${operator} ?`;
  }

  #like(sql: string, { name, type }: Operand, { text, kind }: Literal): string {
    if (!isText(type)) {
      const word = type === 'reference' ? 'id' : type;
      throw invalidOperator(word, name, this.#options.soql);
    }
    if (kind !== 'STRING') {
      throw invalidFilter(name, 'must be of type string and should be enclosed in quotes');
    }
    this.#parameters.push(unquote(text, { keepWildcards: true }));
    return String.raw`${sql} LIKE ? ESCAPE '\'`;
  }

  #group(group: GroupByClause): string {
    if (!('fn' in group)) {
      const { sql, field } = this.#resolve(group.field);
      if (field.type === 'textarea' && field.length > 255) {
        throw malformedQuery(`field '${field.name}' can not be grouped in a query call`);
      }
      return sql;
    }
    const name = group.fn.functionName?.toUpperCase() ?? '';
    if (name === 'ROLLUP' || name === 'CUBE') throw notSupported(`GROUP BY ${name}`);
    return this.#function(group.fn).sql;
  }

  #orderBy(
    clauses: OrderByClause | OrderByClause[] | undefined,
    kind: CompiledQuery['kind'],
  ): string {
    if (clauses === undefined || kind === 'count') return '';
    const terms = [clauses].flat().map((clause) => {
      const sql = 'fn' in clause ? this.#function(clause.fn).sql : this.#resolve(clause.field).sql;
      const nulls = clause.nulls === undefined ? '' : ` NULLS ${clause.nulls}`;
      return `${sql} ${clause.order ?? 'ASC'}${nulls}`;
    });
    return ` ORDER BY ${terms.join(', ')}`;
  }

  #limit(): string {
    const { limit, offset } = this.#query;
    if (offset !== undefined && offset > 2000) throw offsetTooLarge();
    if (limit !== undefined && limit > largestInteger) {
      throw malformedQuery(`numeric value out of range: ${limit}`);
    }
    if (limit === undefined && offset === undefined) return '';
    this.#parameters.push(limit ?? -1, offset ?? 0);
    return ' LIMIT ? OFFSET ?';
  }
}

function notAggregable(field: string, operator: string): Error {
  return malformedQuery(`field ${field} does not support aggregate operator ${operator}`);
}

/** The parser takes `a = 1 b = 2` and `a = 1 NOT b = 2`, which are no SOQL. */
function requireOperator(clause: WhereClause | HavingClause): void {
  if ('right' in clause && clause.operator === undefined) {
    throw malformedQuery('unexpected token: expecting AND or OR between two conditions');
  }
}
