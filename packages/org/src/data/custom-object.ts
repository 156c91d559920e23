/** Objects and fields that an administrator adds: `Invoice__c`, `ErpId__c`. */

import { OrgError } from '../org-error.ts';
import type { Database } from '../store/database.ts';
import { shapeTables } from '../store/schema.ts';
import type { Catalogue } from './catalogue.ts';
import {
  checkbox,
  currency,
  date,
  datetime,
  email,
  field,
  owner,
  percent,
  phone,
  picklist,
  recordFields,
  reference,
  system,
  text,
  textarea,
  url,
} from './field.ts';
import type { Field } from './field.ts';
import { SObject } from './sobject.ts';

/** Types of fields in the words of Setup and of the Metadata API. */
export const customFieldTypes = [
  'Text',
  'TextArea',
  'LongTextArea',
  'Email',
  'Phone',
  'Url',
  'Number',
  'Currency',
  'Percent',
  'Checkbox',
  'Date',
  'DateTime',
  'Picklist',
  'MultiselectPicklist',
  'Lookup',
  'MasterDetail',
  'AutoNumber',
] as const;

export type CustomFieldType = (typeof customFieldTypes)[number];

export interface CustomField {
  /** Ends in `__c`. */
  name: string;
  type: CustomFieldType;
  label?: string | undefined;
  required?: boolean | undefined;
  unique?: boolean | undefined;
  /** May find records in place of their id: upsert goes by it. */
  externalId?: boolean | undefined;
  length?: number | undefined;
  precision?: number | undefined;
  scale?: number | undefined;
  defaultValue?: string | number | boolean | undefined;
  /** Of picklists. */
  values?: string[] | undefined;
  restricted?: boolean | undefined;
  /** Of Lookup and MasterDetail: the object that is pointed to. */
  referenceTo?: string | undefined;
  /** Of Lookup and MasterDetail: the way down, without `__r`. */
  relationshipName?: string | undefined;
  /** Of AutoNumber, such as `INV-{0000}`. */
  displayFormat?: string | undefined;
}

export interface CustomObject {
  /** Ends in `__c`; or the name of a standard object that gets more fields. */
  name: string;
  label?: string | undefined;
  pluralLabel?: string | undefined;
  fields?: CustomField[] | undefined;
}

/**
 * Adds objects and fields; what is there already under the same name is kept.
 *
 * @throws OrgError FIELD_INVALID, NOT_FOUND
 */
export function addCustomObjects(
  definitions: readonly CustomObject[],
  { catalogue, database }: { catalogue: Catalogue; database: Database },
): void {
  if (definitions.length === 0) return;
  putAll(definitions, catalogue);
  shapeTables(database, catalogue);
  for (const { name, ...rest } of definitions) {
    // The same seed may come at every opening.
    database
      .prepare(
        `INSERT INTO "_CustomObject" ("_name", "_definition") SELECT ?1, ?2
         WHERE NOT EXISTS (SELECT 1 FROM "_CustomObject" WHERE "_definition" = ?2)`,
      )
      .run(name, JSON.stringify({ name, ...rest }));
  }
}

/** Brings back what was added when the org was open before. */
export function loadCustomObjects(parts: { catalogue: Catalogue; database: Database }): void {
  const rows = parts.database
    .prepare('SELECT "_definition" FROM "_CustomObject" ORDER BY rowid')
    .all();
  putAll(
    rows.map((row) => JSON.parse(String(row['_definition'])) as CustomObject),
    parts.catalogue,
  );
}

/** First the objects, then their fields: lookups may go in circles. */
function putAll(definitions: readonly CustomObject[], catalogue: Catalogue): void {
  for (const definition of definitions) {
    if (catalogue.find(definition.name) !== undefined) continue;
    if (!/^[A-Za-z](?:_?[A-Za-z0-9])*__c$/.test(definition.name)) {
      throw new OrgError('FIELD_INVALID', `There is no standard object "${definition.name}"`, {
        hints: ['The name of a custom object ends in __c.'],
      });
    }
    catalogue.put(newObject(definition, catalogue));
  }
  for (const { name, fields = [] } of definitions) {
    const sobject = catalogue.find(name);
    if (sobject === undefined) continue;
    if (sobject.setup && !sobject.createable) {
      throw new OrgError('FIELD_INVALID', `${sobject.name} takes no custom fields`);
    }
    catalogue.put(sobject.with(fields.map((one) => newField(one, sobject.name, catalogue))));
  }
}

function newObject({ name, label, pluralLabel }: CustomObject, catalogue: Catalogue): SObject {
  const plain = label ?? name.replace(/__c$/, '').replaceAll('_', ' ');
  const number = catalogue.list().filter(({ custom }) => custom).length;
  return new SObject({
    name,
    label: plain,
    labelPlural: pluralLabel ?? `${plain}s`,
    // a00, a01, ... a0Z, a10: the prefixes of custom objects.
    keyPrefix: `a${Math.floor(number / 36) % 10}${(number % 36).toString(36).toUpperCase()}`,
    custom: true,
    fields: recordFields([
      owner(),
      text('Name', 80, { label: `${plain} Name`, nameField: true, idLookup: true }),
    ]),
  });
}

function newField(definition: CustomField, object: string, catalogue: Catalogue): Field {
  const { name, type } = definition;
  if (!/^[A-Za-z](?:_?[A-Za-z0-9])*__c$/.test(name)) {
    throw new OrgError(
      'FIELD_INVALID',
      `"${name}" of ${object} is not the name of a custom field`,
      {
        hints: ['The name of a custom field ends in __c.'],
      },
    );
  }
  const external = definition.externalId ?? false;
  const more: Partial<Field> = {
    custom: true,
    nillable: type !== 'Checkbox' && definition.required !== true,
    unique: definition.unique ?? false,
    externalId: external,
    idLookup: external,
    ...(definition.label === undefined ? {} : { label: definition.label }),
    ...(definition.defaultValue === undefined
      ? {}
      : { defaultValue: definition.defaultValue, defaultedOnCreate: true }),
  };
  return typedField(definition, object, catalogue, more);
}

function typedField(
  definition: CustomField,
  object: string,
  catalogue: Catalogue,
  more: Partial<Field>,
): Field {
  const { name, precision = 18, scale = 0, length } = definition;
  const values = definition.values ?? [];
  switch (definition.type) {
    case 'Text':
      return text(name, length ?? 255, more);
    case 'TextArea':
      return textarea(name, 255, more);
    case 'LongTextArea':
      return textarea(name, length ?? 32_768, more);
    case 'Email':
      return email(name, more);
    case 'Phone':
      return { ...phone(name), ...more };
    case 'Url':
      return { ...url(name), ...more };
    case 'Number':
      return field(name, 'double', { precision, scale, ...more });
    case 'Currency':
      return currency(name, { precision, scale, ...more });
    case 'Percent':
      return percent(name, { precision, scale, ...more });
    case 'Checkbox':
      return checkbox(name, { ...more, defaultValue: definition.defaultValue ?? false });
    case 'Date':
      return date(name, more);
    case 'DateTime':
      return datetime(name, more);
    case 'Picklist':
      return picklist(name, values, {
        restrictedPicklist: definition.restricted ?? false,
        ...more,
      });
    case 'MultiselectPicklist':
      return field(name, 'multipicklist', {
        length: 4099,
        picklistValues: values,
        restrictedPicklist: definition.restricted ?? false,
        ...more,
      });
    case 'AutoNumber':
      return text(name, 30, {
        ...system,
        ...more,
        nillable: false,
        autoNumber: definition.displayFormat ?? '{0000}',
      });
    case 'Lookup':
    case 'MasterDetail': {
      const target = catalogue.find(definition.referenceTo ?? '');
      if (target === undefined) {
        throw new OrgError(
          'NOT_FOUND',
          `${object}.${name} points to "${definition.referenceTo ?? ''}", which is no object`,
        );
      }
      const isMaster = definition.type === 'MasterDetail';
      return reference(
        name,
        target.name,
        definition.relationshipName === undefined ? undefined : `${definition.relationshipName}__r`,
        {
          ...more,
          relationshipName: name.replace(/__c$/, '__r'),
          cascadeDelete: isMaster,
          ...(isMaster ? { nillable: false, updateable: false } : {}),
        },
      );
    }
  }
}
