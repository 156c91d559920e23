/** Describes: what objects and fields there are, in the shape of the REST API. */

import type { Catalogue } from './catalogue.ts';
import { isNumber, isText } from './field.ts';
import type { Field, FieldType } from './field.ts';
import type { SObject } from './sobject.ts';

/** GET /sobjects */
export function describeGlobal(catalogue: Catalogue, versionUrl: string): object {
  const sobjects = catalogue
    .list()
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((sobject) => describeBriefly(sobject, versionUrl));
  return { encoding: 'UTF-8', maxBatchSize: 200, sobjects };
}

/** What the global describe and the page of an object tell of it. */
export function describeBriefly(sobject: SObject, versionUrl: string): Record<string, unknown> {
  const { name, label, labelPlural, custom, createable, updateable, deletable, setup } = sobject;
  const url = `${versionUrl}/sobjects/${name}`;
  const isBusiness = !setup;
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable,
    custom,
    customSetting: false,
    deepCloneable: false,
    deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: sobject.keyPrefix ?? null,
    label,
    labelPlural,
    layoutable: isBusiness,
    mergeable: ['Account', 'Contact', 'Lead'].includes(name),
    mruEnabled: isBusiness,
    name,
    queryable: true,
    replicateable: sobject.hasRecycleBin,
    retrieveable: true,
    searchable: isBusiness,
    triggerable: isBusiness,
    undeletable: sobject.hasRecycleBin,
    updateable,
    urls: {
      rowTemplate: `${url}/{ID}`,
      describe: `${url}/describe`,
      sobject: url,
    },
  };
}

/** GET /sobjects/{object}/describe */
export function describeObject(sobject: SObject, catalogue: Catalogue, versionUrl: string): object {
  const brief = describeBriefly(sobject, versionUrl);
  return {
    actionOverrides: [],
    ...brief,
    childRelationships: catalogue.childRelationships(sobject).map(({ child, field }) => ({
      cascadeDelete: field.cascadeDelete,
      childSObject: child.name,
      deprecatedAndHidden: false,
      field: field.name,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: field.childRelationshipName ?? null,
      restrictedDelete: false,
    })),
    compactLayoutable: !sobject.setup,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: sobject.fields.map((field) => describeField(field)),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: sobject.setup ? [] : [masterRecordType],
    searchLayoutable: !sobject.setup,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: `All ${sobject.labelPlural.toLowerCase()}`, name: 'everything' }],
  };
}

/** The record type of an object that has none. */
const masterRecordType = {
  active: true,
  available: true,
  defaultRecordTypeMapping: true,
  developerName: 'Master',
  master: true,
  name: 'Master',
  recordTypeId: '012000000000000AAA',
  urls: {},
};

function describeField(field: Field): object {
  const { name, label, type, custom, length, precision, scale, referenceTo } = field;
  const isLong = type === 'textarea' && length > 255;
  const isReference = type === 'reference';
  return {
    aggregatable: type !== 'boolean' && !isLong && type !== 'multipicklist',
    aiPredictionField: false,
    autoNumber: field.autoNumber !== undefined,
    byteLength: isText(type) ? length * 3 : length,
    calculated: false,
    calculatedFormula: null,
    cascadeDelete: field.cascadeDelete,
    caseSensitive: false,
    compoundFieldName: null,
    controllerName: null,
    createable: field.createable,
    custom,
    defaultValue: field.defaultValue ?? (type === 'boolean' ? false : null),
    defaultValueFormula: null,
    defaultedOnCreate: field.defaultedOnCreate,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: type === 'int' ? precision : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: field.externalId,
    extraTypeInfo: type === 'textarea' ? 'plaintextarea' : null,
    filterable: !isLong,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: !isLong && type !== 'datetime' && type !== 'multipicklist' && !isDecimal(type),
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: field.idLookup,
    inlineHelpText: null,
    label,
    length,
    mask: null,
    maskType: null,
    name,
    nameField: field.nameField,
    namePointing: referenceTo.length > 1,
    nillable: field.nillable,
    permissionable: field.nillable && field.createable,
    picklistValues: field.picklistValues.map((value) => ({
      active: true,
      defaultValue: value === field.defaultValue,
      label: value,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: referenceTo.length > 1,
    precision: isDecimal(type) ? precision : 0,
    queryByDistance: false,
    referenceTargetField: null,
    referenceTo,
    relationshipName: field.relationshipName ?? null,
    relationshipOrder: isReference && field.cascadeDelete && custom ? 0 : null,
    restrictedDelete: false,
    restrictedPicklist: field.restrictedPicklist,
    scale,
    searchPrefilterable: isReference,
    soapType: soapType(type),
    sortable: !isLong && type !== 'multipicklist',
    type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: false,
  };
}

const isDecimal = (type: FieldType): boolean => isNumber(type) && type !== 'int';

function soapType(type: FieldType): string {
  switch (type) {
    case 'id':
    case 'reference':
      return 'tns:ID';
    case 'boolean':
    case 'int':
    case 'date':
      return `xsd:${type}`;
    case 'datetime':
      return 'xsd:dateTime';
    case 'double':
    case 'currency':
    case 'percent':
      return 'xsd:double';
    default:
      return 'xsd:string';
  }
}
