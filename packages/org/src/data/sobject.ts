/** The objects and fields of this org: what SOQL may name, and what the tables are made from. */

export type FieldType =
  | 'id'
  | 'string'
  | 'email'
  | 'phone'
  | 'url'
  | 'textarea'
  | 'picklist'
  | 'boolean'
  | 'int'
  | 'currency'
  | 'datetime'
  | 'reference';

export interface Field {
  name: string;
  type: FieldType;
  label: string;
  nillable: boolean;
  /** Objects that a reference may point to; the first decides what a relationship leads to. */
  referenceTo?: readonly string[];
  /** Name of the way up, such as `Account` for `AccountId`. */
  relationshipName?: string;
  /** Name of the way down from the object referred to, such as `Contacts`. */
  childRelationshipName?: string;
}

export interface SObject {
  name: string;
  label: string;
  keyPrefix: string;
  fields: readonly Field[];
}

const label = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2');

function field(name: string, type: FieldType, more: Partial<Field> = {}): Field {
  return { name, type, label: label(name), nillable: true, ...more };
}

function texts(...names: string[]): Field[] {
  return names.map((name) => field(name, 'string'));
}

function reference(name: string, referenceTo: string, childRelationshipName?: string): Field {
  return field(name, 'reference', {
    referenceTo: [referenceTo],
    relationshipName: name.replace(/Id$/, ''),
    ...(childRelationshipName === undefined ? {} : { childRelationshipName }),
  });
}

const id = field('Id', 'id', { nillable: false });
const name = field('Name', 'string', { nillable: false });
const isDeleted = field('IsDeleted', 'boolean', { nillable: false });
const systemModstamp = field('SystemModstamp', 'datetime', { nillable: false });
const audit: readonly Field[] = [
  field('CreatedDate', 'datetime', { nillable: false }),
  field('LastModifiedDate', 'datetime', { nillable: false }),
  systemModstamp,
];

export const sobjects: readonly SObject[] = [
  {
    name: 'Organization',
    label: 'Organization',
    keyPrefix: '00D',
    fields: [
      id,
      name,
      ...texts('InstanceName', 'OrganizationType', 'NamespacePrefix', 'Country'),
      ...texts('LanguageLocaleKey', 'TimeZoneSidKey'),
      field('IsSandbox', 'boolean', { nillable: false }),
      field('TrialExpirationDate', 'datetime'),
      ...audit,
    ],
  },
  {
    name: 'Profile',
    label: 'Profile',
    keyPrefix: '00e',
    fields: [
      id,
      name,
      ...texts('UserType', 'Description'),
      field('PermissionsApiEnabled', 'boolean', { nillable: false }),
      ...audit,
    ],
  },
  {
    name: 'User',
    label: 'User',
    keyPrefix: '005',
    fields: [
      id,
      field('Username', 'string', { nillable: false }),
      ...texts('FirstName', 'LastName'),
      name,
      field('Email', 'email', { nillable: false }),
      ...texts('Alias', 'UserType', 'TimeZoneSidKey', 'LocaleSidKey', 'LanguageLocaleKey'),
      ...texts('EmailEncodingKey'),
      reference('ProfileId', 'Profile', 'Users'),
      field('IsActive', 'boolean', { nillable: false }),
      field('LastLoginDate', 'datetime'),
      ...audit,
    ],
  },
  {
    name: 'PermissionSet',
    label: 'Permission Set',
    keyPrefix: '0PS',
    fields: [
      id,
      name,
      ...texts('Label', 'Description'),
      field('IsOwnedByProfile', 'boolean', { nillable: false }),
      reference('ProfileId', 'Profile', 'PermissionSets'),
      field('PermissionsApiEnabled', 'boolean', { nillable: false }),
      ...audit,
    ],
  },
  {
    name: 'PermissionSetAssignment',
    label: 'Permission Set Assignment',
    keyPrefix: '0Pa',
    fields: [
      id,
      reference('AssigneeId', 'User', 'PermissionSetAssignments'),
      reference('PermissionSetId', 'PermissionSet', 'Assignments'),
      systemModstamp,
    ],
  },
  {
    name: 'SetupEntityAccess',
    label: 'Setup Entity Access',
    keyPrefix: '0J0',
    fields: [
      id,
      reference('ParentId', 'PermissionSet', 'SetupEntityAccessItems'),
      field('SetupEntityId', 'reference', {
        referenceTo: ['ConnectedApplication', 'ExternalClientApplication'],
      }),
      field('SetupEntityType', 'picklist', { nillable: false }),
      systemModstamp,
    ],
  },
  {
    name: 'ConnectedApplication',
    label: 'Connected Application',
    keyPrefix: '0H4',
    fields: [id, name, field('OptionsAllowAdminApprovedUsersOnly', 'boolean'), ...audit],
  },
  {
    name: 'ExternalClientApplication',
    label: 'External Client Application',
    keyPrefix: '0xI',
    fields: [id, ...texts('DeveloperName', 'MasterLabel', 'ContactEmail'), ...audit],
  },
  {
    name: 'AuthSession',
    label: 'Auth Session',
    keyPrefix: '0Ak',
    fields: [
      id,
      field('UsersId', 'reference', { referenceTo: ['User'], relationshipName: 'Users' }),
      ...texts('LoginType', 'SessionType', 'SessionSecurityLevel', 'UserType', 'SourceIp'),
      field('NumSecondsValid', 'int', { nillable: false }),
      reference('LoginHistoryId', 'LoginHistory'),
      ...audit,
    ],
  },
  {
    name: 'LoginHistory',
    label: 'Login History',
    keyPrefix: '0Ya',
    fields: [
      id,
      field('UserId', 'reference', { referenceTo: ['User'] }),
      field('LoginTime', 'datetime', { nillable: false }),
      ...texts('LoginType', 'LoginUrl', 'SourceIp', 'Status', 'Application', 'Browser', 'Platform'),
      ...texts('ApiType', 'ApiVersion', 'ClientVersion'),
    ],
  },
  {
    name: 'Account',
    label: 'Account',
    keyPrefix: '001',
    fields: [
      id,
      isDeleted,
      name,
      field('Type', 'picklist'),
      field('Industry', 'picklist'),
      field('Phone', 'phone'),
      field('Website', 'url'),
      field('AnnualRevenue', 'currency'),
      field('NumberOfEmployees', 'int'),
      ...texts('BillingCity', 'BillingCountry'),
      field('Description', 'textarea'),
      reference('OwnerId', 'User'),
      ...audit,
    ],
  },
  {
    name: 'Contact',
    label: 'Contact',
    keyPrefix: '003',
    fields: [
      id,
      isDeleted,
      ...texts('FirstName', 'LastName'),
      name,
      field('Email', 'email'),
      field('Phone', 'phone'),
      ...texts('Title', 'Department'),
      reference('AccountId', 'Account', 'Contacts'),
      reference('OwnerId', 'User'),
      ...audit,
    ],
  },
];

const byName = new Map(sobjects.map((sobject) => [sobject.name.toLowerCase(), sobject]));

/** Names are compared without regard to case, as everywhere in SOQL. */
export function findSObject(objectName: string): SObject | undefined {
  return byName.get(objectName.toLowerCase());
}

export function findField(sobject: SObject, fieldName: string): Field | undefined {
  const lower = fieldName.toLowerCase();
  return sobject.fields.find((candidate) => candidate.name.toLowerCase() === lower);
}

/** The way up: the field behind a relationship name. */
export function findParentField(sobject: SObject, relationshipName: string): Field | undefined {
  const lower = relationshipName.toLowerCase();
  return sobject.fields.find((candidate) => candidate.relationshipName?.toLowerCase() === lower);
}

export interface ChildRelationship {
  child: SObject;
  field: Field;
}

/** The way down: child object and the field that points back, by relationship name. */
export function findChildRelationship(
  sobject: SObject,
  relationshipName: string,
): ChildRelationship | undefined {
  const lower = relationshipName.toLowerCase();
  for (const child of sobjects) {
    for (const candidate of child.fields) {
      if (
        candidate.childRelationshipName?.toLowerCase() === lower &&
        candidate.referenceTo?.includes(sobject.name) === true
      ) {
        return { child, field: candidate };
      }
    }
  }
  return undefined;
}
