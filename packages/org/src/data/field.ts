/** The fields of an object, and short words to write them down with. */

export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'email'
  | 'phone'
  | 'url'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime';

export interface Field {
  name: string;
  type: FieldType;
  label: string;
  /** May be empty. A field that may not, that can be written and has no default is required. */
  nillable: boolean;
  /** Whether REST may give a value when a record is made, and afterwards. */
  createable: boolean;
  updateable: boolean;
  /** Most characters of a text. */
  length: number;
  /** Digits of a number: all of them, and those behind the point. */
  precision: number;
  scale: number;
  /** Objects that a reference may point to; a relationship over several leads to `Name`. */
  referenceTo: readonly string[];
  /** Name of the way up, such as `Account` for `AccountId`. */
  relationshipName: string | undefined;
  /** Name of the way down from the object referred to, such as `Contacts`. */
  childRelationshipName: string | undefined;
  /** Deleting the record referred to deletes this one too. */
  cascadeDelete: boolean;
  picklistValues: readonly string[];
  /** Only the values of the picklist are taken. */
  restrictedPicklist: boolean;
  defaultValue: string | number | boolean | undefined;
  /** A value is made when none is given, such as the owner. */
  defaultedOnCreate: boolean;
  /** The field that names a record in lists. */
  nameField: boolean;
  /** Can find a record in place of its id. */
  idLookup: boolean;
  externalId: boolean;
  unique: boolean;
  /** Such as `INV-{0000}`: numbers are given out by the org. */
  autoNumber: string | undefined;
  /** Added by an administrator (`__c`). */
  custom: boolean;
  /** Follows from other fields, such as Name from FirstName and LastName. */
  calculated: boolean;
}

const textTypes: ReadonlySet<FieldType> = new Set([
  'string',
  'email',
  'phone',
  'url',
  'textarea',
  'picklist',
  'multipicklist',
]);
const numberTypes: ReadonlySet<FieldType> = new Set(['int', 'double', 'currency', 'percent']);

export const isText = (type: FieldType): boolean => textTypes.has(type);
export const isNumber = (type: FieldType): boolean => numberTypes.has(type);

/** `BillingCity` as people read it. */
function labelOf(name: string, type: FieldType): string {
  const words = name
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2');
  return type === 'reference' || type === 'id' ? words.replace(/ ?\bId$/, ' ID').trim() : words;
}

export function field(name: string, type: FieldType, more: Partial<Field> = {}): Field {
  return {
    name,
    type,
    label: labelOf(name, type),
    // A checkbox is true or false and never empty.
    nillable: type !== 'boolean',
    createable: true,
    updateable: true,
    length: 0,
    precision: 0,
    scale: 0,
    referenceTo: [],
    relationshipName: undefined,
    childRelationshipName: undefined,
    cascadeDelete: false,
    picklistValues: [],
    restrictedPicklist: false,
    defaultValue: undefined,
    defaultedOnCreate: type === 'boolean' || more.defaultValue !== undefined,
    nameField: false,
    idLookup: type === 'id',
    externalId: false,
    unique: false,
    autoNumber: undefined,
    custom: false,
    calculated: false,
    ...more,
  };
}

export const required = { nillable: false } as const;
export const readOnly = { createable: false, updateable: false } as const;
/** Written by the org itself and never empty. */
export const system = { ...required, ...readOnly, defaultedOnCreate: true } as const;

export const text = (name: string, length = 255, more: Partial<Field> = {}): Field =>
  field(name, 'string', { length, ...more });
export const textarea = (name: string, length = 32_000, more: Partial<Field> = {}): Field =>
  field(name, 'textarea', { length, ...more });
export const email = (name: string, more: Partial<Field> = {}): Field =>
  field(name, 'email', { length: 80, ...more });
export const phone = (name: string): Field => field(name, 'phone', { length: 40 });
export const url = (name: string): Field => field(name, 'url', { length: 255 });
export const checkbox = (name: string, more: Partial<Field> = {}): Field =>
  field(name, 'boolean', { defaultValue: false, ...more });
export const integer = (name: string, more: Partial<Field> = {}): Field =>
  field(name, 'int', { precision: 8, ...more });
export const currency = (name: string, more: Partial<Field> = {}): Field =>
  field(name, 'currency', { precision: 18, scale: 0, ...more });
export const percent = (name: string, more: Partial<Field> = {}): Field =>
  field(name, 'percent', { precision: 3, scale: 0, ...more });
export const date = (name: string, more: Partial<Field> = {}): Field => field(name, 'date', more);
export const datetime = (name: string, more: Partial<Field> = {}): Field =>
  field(name, 'datetime', more);
export const picklist = (
  name: string,
  picklistValues: readonly string[] = [],
  more: Partial<Field> = {},
): Field => field(name, 'picklist', { length: 255, picklistValues, ...more });

/** A lookup; the way up is named as the field without its `Id`. */
export function reference(
  name: string,
  referenceTo: string | readonly string[],
  childRelationshipName?: string,
  more: Partial<Field> = {},
): Field {
  return field(name, 'reference', {
    referenceTo: [referenceTo].flat(),
    relationshipName: name.replace(/Id$/, ''),
    childRelationshipName,
    length: 18,
    ...more,
  });
}

/** The five lines of an address, such as BillingCity. */
export function address(prefix: string): Field[] {
  return [
    textarea(`${prefix}Street`, 255),
    text(`${prefix}City`, 40),
    text(`${prefix}State`, 80),
    text(`${prefix}PostalCode`, 20),
    text(`${prefix}Country`, 80),
  ];
}

export const id = field('Id', 'id', { ...system, length: 18 });
const isDeleted = field('IsDeleted', 'boolean', system);
export const systemModstamp = field('SystemModstamp', 'datetime', system);

/** Who made a record and who changed it last, and when. */
export const audit: readonly Field[] = [
  field('CreatedDate', 'datetime', system),
  reference('CreatedById', 'User', undefined, system),
  field('LastModifiedDate', 'datetime', system),
  reference('LastModifiedById', 'User', undefined, system),
  systemModstamp,
];

/** What every business record has: an id, the recycle bin, the audit fields. */
export const recordFields = (fields: readonly Field[]): Field[] => [
  id,
  isDeleted,
  ...fields,
  ...audit,
];

/** What every row of Setup has. */
export const setupFields = (fields: readonly Field[]): Field[] => [id, ...fields, ...audit];

export const owner = (childRelationshipName?: string, more: Partial<Field> = {}): Field =>
  reference('OwnerId', 'User', childRelationshipName, {
    ...required,
    defaultedOnCreate: true,
    ...more,
  });
