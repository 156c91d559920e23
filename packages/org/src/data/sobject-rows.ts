/** Records as REST reads and writes them: one by one, with Salesforce's rules and complaints. */

import type { Database, Row, SqlValue } from '../store/database.ts';
import { isRecordId, to15, to18 } from '../store/record-id.ts';
import type { Records, Values } from '../store/records.ts';
import type { Catalogue } from './catalogue.ts';
import { computedValue } from './computed-field.ts';
import { fromJson, toJson, wrongId } from './field-value.ts';
import type { Field } from './field.ts';
import { emptyRecord } from './query.ts';
import type { QueryRecord } from './query.ts';
import { noSuchRecord, notFound, RestError } from './rest-error.ts';
import { checkSetupRules, followSetupRules } from './setup-rules.ts';
import { requireSetupPermission } from './setup-permissions.ts';
import type { SObject } from './sobject.ts';

export interface SObjectRowsOptions {
  database: Database;
  catalogue: Catalogue;
  /** Stamped with the user who asks. */
  records: Records;
  apiVersion: string;
  /** The session of who asks, and who that is. */
  sessionId: string;
  userId: string;
}

export type FieldValues = Readonly<Record<string, unknown>>;

export class SObjectRows {
  readonly #database: Database;
  readonly #catalogue: Catalogue;
  readonly #records: Records;
  readonly #apiVersion: string;
  readonly #sessionId: string;
  readonly #userId: string;

  constructor(options: SObjectRowsOptions) {
    const { database, catalogue, records, apiVersion, sessionId, userId } = options;
    this.#database = database;
    this.#catalogue = catalogue;
    this.#records = records;
    this.#apiVersion = apiVersion;
    this.#sessionId = sessionId;
    this.#userId = userId;
  }

  /** @throws RestError NOT_FOUND */
  object(name: string): SObject {
    const sobject = this.#catalogue.find(name);
    if (sobject === undefined) throw notFound();
    return sobject;
  }

  /**
   * The record with all its fields, or with those named.
   *
   * @throws RestError NOT_FOUND, ENTITY_IS_DELETED, MALFORMED_ID, INVALID_FIELD
   */
  get(sobject: SObject, id: string, fields?: readonly string[]): QueryRecord {
    return this.#toRecord(sobject, this.#existing(sobject, id), fields);
  }

  /** @throws RestError NOT_FOUND, or 300 for a value that several records have */
  getByExternalId(
    sobject: SObject,
    field: Field,
    value: string,
    fields?: readonly string[],
  ): QueryRecord {
    const [row, ...more] = this.#byExternalId(sobject, field, value);
    if (row === undefined) throw notFound();
    if (more.length > 0) throw this.#ambiguous(sobject, [row, ...more]);
    return this.#toRecord(sobject, row, fields);
  }

  /** Newest first, of those that this user made or changed last. */
  recent(sobject: SObject, userId: string): { record: QueryRecord; changed: number }[] {
    if (sobject.field('LastModifiedById') === undefined) return [];
    const undeleted = sobject.hasRecycleBin ? ' AND "IsDeleted" = 0' : '';
    const rows = this.#database
      .prepare(
        `SELECT * FROM "${sobject.name}" WHERE "LastModifiedById" = ?${undeleted}
         ORDER BY "LastModifiedDate" DESC, "Id" DESC LIMIT 200`,
      )
      .all(userId);
    const name = sobject.nameField?.name;
    return rows.map((row) => ({
      record: this.#toRecord(sobject, row, name === undefined ? ['Id'] : ['Id', name]),
      changed: Number(row['LastModifiedDate']),
    }));
  }

  /** Returns the new id. @throws RestError as the API has them */
  create(sobject: SObject, values: FieldValues): string {
    if (!sobject.createable) throw notAllowed(sobject, 'inserted');
    requireSetupPermission(sobject, this.#userId, this.#database);
    const given = this.#read(sobject, values, 'createable');
    const missing = sobject.fields.filter(
      (field) =>
        !field.nillable &&
        field.createable &&
        (given[field.name] === null || (!field.defaultedOnCreate && !(field.name in given))),
    );
    if (missing.length > 0) throw requiredMissing(missing);
    this.#checkReferences(sobject, given);
    this.#checkUnique(sobject, given);
    checkSetupRules(sobject, given, undefined, this.#records);
    const id = this.#records.nextId(sobject.keyPrefix ?? '');
    // A custom object that is given no name is named by its id.
    const named = sobject.custom && (given['Name'] ?? null) === null ? { Name: to15(id) } : {};
    const filled = Object.fromEntries(
      Object.entries(given).filter(
        ([name, value]) => value !== null || sobject.field(name)?.defaultValue === undefined,
      ),
    );
    return this.#database.transaction(() => {
      this.#records.insert(sobject.name, { ...filled, ...named, Id: id });
      followSetupRules(sobject, id, given, this.#records);
      return to18(id);
    });
  }

  update(sobject: SObject, id: string, values: FieldValues): void {
    if (!sobject.updateable) throw notAllowed(sobject, 'updated');
    requireSetupPermission(sobject, this.#userId, this.#database);
    const row = this.#existing(sobject, id);
    const given = this.#read(sobject, values, 'updateable');
    const emptied = sobject.fields.filter(
      ({ name, nillable }) => !nillable && name in given && given[name] === null,
    );
    if (emptied.length > 0) throw requiredMissing(emptied);
    this.#checkReferences(sobject, given);
    this.#checkUnique(sobject, given, String(row['Id']));
    checkSetupRules(sobject, given, row, this.#records);
    this.#database.transaction(() => {
      this.#records.update(sobject.name, String(row['Id']), given);
      followSetupRules(sobject, String(row['Id']), given, this.#records);
    });
  }

  /** To the recycle bin where the object has one; what belongs to the record goes with it. */
  delete(sobject: SObject, id: string): void {
    if (!sobject.deletable) throw notAllowed(sobject, 'deleted');
    requireSetupPermission(sobject, this.#userId, this.#database);
    const row = this.#existing(sobject, id);
    checkSetupRules(sobject, undefined, row, this.#records);
    this.#database.transaction(() => this.#remove(sobject, String(row['Id'])));
  }

  /**
   * Creates or updates the record with this external id.
   *
   * @returns the id, and whether it is new
   */
  upsert(
    sobject: SObject,
    field: Field,
    value: string,
    values: FieldValues,
  ): { id: string; created: boolean } {
    const names = Object.keys(values).map((name) => name.toLowerCase());
    if (names.includes(field.name.toLowerCase())) {
      throw new RestError(
        400,
        'INVALID_FIELD',
        `The ${field.name} field should not be specified in the sobject data.`,
      );
    }
    const [row, ...more] = this.#byExternalId(sobject, field, value);
    if (more.length > 0 && row !== undefined) throw this.#ambiguous(sobject, [row, ...more]);
    if (row === undefined) {
      // By its own id a record can be found, but not be made.
      if (field.type === 'id') throw noSuchRecord(value);
      return { id: this.create(sobject, { ...values, [field.name]: value }), created: true };
    }
    this.update(sobject, String(row['Id']), values);
    return { id: String(row['Id']), created: false };
  }

  /** @throws RestError NOT_FOUND when the field cannot find records */
  externalIdField(sobject: SObject, name: string): Field {
    const field = sobject.field(name);
    if (field === undefined || !(field.externalId || field.idLookup)) throw noSuchRecord(name);
    return field;
  }

  #remove(sobject: SObject, id: string): void {
    for (const { child, field } of this.#catalogue.childRelationships(sobject)) {
      if (child.setup && !field.cascadeDelete) continue;
      if (!field.cascadeDelete && !field.nillable) continue;
      const undeleted = child.hasRecycleBin ? ' AND "IsDeleted" = 0' : '';
      const rows = this.#database
        .prepare(`SELECT "Id" FROM "${child.name}" WHERE "${field.name}" = ?${undeleted}`)
        .all(id);
      for (const row of rows) {
        if (field.cascadeDelete) this.#remove(child, String(row['Id']));
        else if (field.createable) {
          this.#records.update(child.name, String(row['Id']), { [field.name]: null });
        }
      }
    }
    if (sobject.hasRecycleBin) this.#records.update(sobject.name, id, { IsDeleted: true });
    else this.#records.delete(sobject.name, id);
  }

  /** @throws RestError NOT_FOUND, ENTITY_IS_DELETED, MALFORMED_ID */
  #existing(sobject: SObject, id: string): Row {
    if (!isRecordId(id)) throw noSuchRecord(id);
    if (sobject.keyPrefix !== undefined && !id.startsWith(sobject.keyPrefix)) {
      throw wrongId(id, { label: `${sobject.label} ID`, name: 'Id' });
    }
    const row = this.#database
      .prepare(`SELECT * FROM "${sobject.name}" WHERE "Id" = ?`)
      .get(to18(id));
    if (row === undefined) throw noSuchRecord(id);
    if (row['IsDeleted'] === 1) {
      throw new RestError(404, 'ENTITY_IS_DELETED', 'entity is deleted', []);
    }
    return row;
  }

  #byExternalId(sobject: SObject, field: Field, value: string): Row[] {
    const undeleted = sobject.hasRecycleBin ? ' AND "IsDeleted" = 0' : '';
    return this.#database
      .prepare(`SELECT * FROM "${sobject.name}" WHERE "${field.name}" = ?${undeleted} LIMIT 100`)
      .all(fromJson(value, field));
  }

  /** Salesforce answers with the list of candidates in place of an error. */
  #ambiguous({ name }: SObject, rows: readonly Row[]): Ambiguous {
    return new Ambiguous(
      rows.map((row) => emptyRecord(name, String(row['Id']), this.#version).attributes.url ?? ''),
    );
  }

  get #version(): { apiVersion: string } {
    return { apiVersion: this.#apiVersion };
  }

  #toRecord(sobject: SObject, row: Row, names?: readonly string[]): QueryRecord {
    const fields =
      names === undefined
        ? sobject.fields
        : names.map((name) => {
            const field = sobject.field(name);
            if (field === undefined) throw noSuchField(name, sobject);
            return field;
          });
    const record = emptyRecord(sobject.name, String(row['Id']), this.#version);
    for (const { name, type } of fields) {
      const value = computedValue(sobject, name, row, this.#sessionId) ?? row[name] ?? null;
      record[name] = toJson(value, type);
    }
    // Asked for or not, the id is there.
    record['Id'] ??= row['Id'];
    return record;
  }

  /** What a body gives, by the names of the catalogue and as the store keeps it. */
  #read(
    sobject: SObject,
    values: FieldValues,
    permission: 'createable' | 'updateable',
  ): Record<string, SqlValue> {
    const given: Record<string, SqlValue> = {};
    const refused: string[] = [];
    for (const [name, value] of Object.entries(values)) {
      if (name === 'attributes') continue;
      const field = sobject.field(name);
      if (field?.type === 'id') {
        throw new RestError(
          400,
          'INVALID_FIELD',
          'The Id field should not be specified in the sobject data.',
        );
      }
      if (field === undefined) {
        Object.assign(given, this.#readParent(sobject, name, value));
      } else if (field[permission]) {
        given[field.name] = fromJson(value, field);
      } else refused.push(field.name);
    }
    if (refused.length > 0) {
      throw new RestError(
        400,
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${refused.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        refused,
      );
    }
    return given;
  }

  /** A parent by its external id: `"Account": { "ErpId__c": "4711" }`. */
  #readParent(sobject: SObject, name: string, value: unknown): Record<string, SqlValue> {
    const parent = sobject.parentField(name);
    const target = this.#catalogue.find(parent?.referenceTo[0] ?? '');
    const [key, ...more] =
      typeof value === 'object' && value !== null
        ? Object.entries(value).filter(([one]) => one !== 'attributes')
        : [];
    if (parent === undefined || target === undefined || key === undefined || more.length > 0) {
      throw noSuchField(name, sobject);
    }
    const field = this.externalIdField(target, key[0]);
    const [row] = this.#byExternalId(target, field, String(key[1]));
    if (row === undefined) {
      throw new RestError(
        400,
        'INVALID_FIELD',
        `Foreign key external ID: ${String(key[1]).toLowerCase()} not found for field ${field.name} in entity ${target.name}`,
        [],
      );
    }
    return { [parent.name]: row['Id'] ?? null };
  }

  #checkReferences(sobject: SObject, given: Values): void {
    for (const [name, value] of Object.entries(given)) {
      const field = sobject.field(name);
      if (field?.type !== 'reference' || typeof value !== 'string') continue;
      const target = this.#catalogue.findById(value);
      if (target === undefined || !field.referenceTo.includes(target.name)) {
        throw new RestError(
          400,
          'FIELD_INTEGRITY_EXCEPTION',
          `${field.label}: id value of incorrect type: ${value}`,
          [field.name],
        );
      }
      const row = this.#database
        .prepare(`SELECT * FROM "${target.name}" WHERE "Id" = ?`)
        .get(to18(value));
      if (row === undefined) {
        throw new RestError(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', []);
      }
      if (row['IsDeleted'] === 1) {
        throw new RestError(400, 'ENTITY_IS_DELETED', 'entity is deleted', []);
      }
    }
  }

  #checkUnique(sobject: SObject, given: Values, ownId = ''): void {
    for (const field of sobject.fields) {
      const value = given[field.name];
      if (!field.unique || value === undefined || value === null) continue;
      const undeleted = sobject.hasRecycleBin ? ' AND "IsDeleted" = 0' : '';
      const row = this.#database
        .prepare(
          `SELECT "Id" FROM "${sobject.name}" WHERE "${field.name}" = ? AND "Id" <> ?${undeleted}`,
        )
        .get(typeof value === 'boolean' ? Number(value) : value, ownId);
      if (row === undefined) continue;
      throw new RestError(
        400,
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${to15(String(row['Id']))}`,
        [],
      );
    }
  }
}

/** Several records answer to one external id: 300, and where they are. */
export class Ambiguous extends Error {
  readonly urls: readonly string[];

  constructor(urls: readonly string[]) {
    super('several records have this external id');
    this.urls = urls;
  }
}

function requiredMissing(fields: readonly Field[]): RestError {
  const names = fields.map(({ name }) => name);
  return new RestError(
    400,
    'REQUIRED_FIELD_MISSING',
    `Required fields are missing: [${names.join(', ')}]`,
    names,
  );
}

function noSuchField(name: string, sobject: SObject): RestError {
  return new RestError(
    400,
    'INVALID_FIELD',
    `No such column '${name}' on sobject of type ${sobject.name}`,
  );
}

function notAllowed({ label }: SObject, participle: 'inserted' | 'updated' | 'deleted'): RestError {
  return new RestError(
    400,
    'INVALID_TYPE_FOR_OPERATION',
    `entity type cannot be ${participle}: ${label}`,
    [],
  );
}
