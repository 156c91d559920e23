/** The organization, its users, and what they may do. */

import {
  address,
  audit,
  checkbox,
  datetime,
  email,
  field,
  id,
  phone,
  picklist,
  readOnly,
  reference,
  required,
  setupFields,
  system,
  systemModstamp,
  text,
} from '../field.ts';
import {
  permissionField,
  userPermissionLabels,
  userPermissions,
} from '../../directory/user-permission.ts';
import { SObject } from '../sobject.ts';

/** Checkboxes of a profile or permission set, one for each permission. */
const permissionFields = userPermissions.map((permission) =>
  checkbox(permissionField(permission), { label: userPermissionLabels[permission] }),
);

const timeZones = ['GMT', 'Europe/London', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'];
const locales = ['en_US', 'en_GB', 'de_DE', 'fr_FR', 'ja_JP'];
const languages = ['en_US', 'de', 'es', 'fr', 'ja'];

const organization = new SObject({
  name: 'Organization',
  label: 'Organization',
  labelPlural: 'Organizations',
  keyPrefix: '00D',
  setup: true,
  createable: false,
  deletable: false,
  fields: setupFields([
    text('Name', 80, { ...required, nameField: true }),
    ...address(''),
    phone('Phone'),
    phone('Fax'),
    text('PrimaryContact', 80),
    text('InstanceName', 5, readOnly),
    picklist('OrganizationType', ['Developer Edition', 'Enterprise Edition'], readOnly),
    text('NamespacePrefix', 15, readOnly),
    picklist('LanguageLocaleKey', languages, required),
    picklist('DefaultLocaleSidKey', locales),
    picklist('TimeZoneSidKey', timeZones, required),
    checkbox('IsSandbox', readOnly),
    checkbox('IsReadOnly', readOnly),
    datetime('TrialExpirationDate', readOnly),
  ]),
});

const profile = new SObject({
  name: 'Profile',
  label: 'Profile',
  labelPlural: 'Profiles',
  keyPrefix: '00e',
  setup: true,
  createable: false,
  updateable: false,
  deletable: false,
  fields: setupFields([
    text('Name', 255, { ...required, nameField: true }),
    picklist('UserType', ['Standard', 'Guest', 'CsnOnly'], readOnly),
    text('Description', 255),
    ...permissionFields,
  ]),
});

const userRole = new SObject({
  name: 'UserRole',
  label: 'Role',
  labelPlural: 'Role',
  keyPrefix: '00E',
  setup: true,
  fields: [
    id,
    text('Name', 80, { ...required, nameField: true }),
    text('DeveloperName', 80),
    reference('ParentRoleId', 'UserRole', undefined, { relationshipName: undefined }),
    ...audit.slice(2),
  ],
});

const user = new SObject({
  name: 'User',
  label: 'User',
  labelPlural: 'Users',
  keyPrefix: '005',
  setup: true,
  deletable: false,
  fields: setupFields([
    text('Username', 80, { ...required, idLookup: true }),
    text('LastName', 80, required),
    text('FirstName', 40),
    text('Name', 121, { ...system, label: 'Full Name', nameField: true, calculated: true }),
    text('CompanyName', 80),
    text('Division', 80),
    text('Department', 80),
    text('Title', 80),
    ...address(''),
    email('Email', { ...required, length: 128, idLookup: true }),
    phone('Phone'),
    phone('Fax'),
    phone('MobilePhone'),
    text('Alias', 8, required),
    text('CommunityNickname', 40, { ...required, label: 'Nickname', defaultedOnCreate: true }),
    checkbox('IsActive', { label: 'Active', defaultValue: true }),
    picklist('TimeZoneSidKey', timeZones, { ...required, label: 'Time Zone' }),
    reference('UserRoleId', 'UserRole', 'Users'),
    picklist('LocaleSidKey', locales, { ...required, label: 'Locale' }),
    picklist('EmailEncodingKey', ['UTF-8', 'ISO-8859-1', 'Shift_JIS'], {
      ...required,
      label: 'Email Encoding',
    }),
    reference('ProfileId', 'Profile', 'Users', required),
    picklist('UserType', ['Standard', 'Guest', 'CsnOnly'], {
      ...readOnly,
      defaultValue: 'Standard',
    }),
    picklist('LanguageLocaleKey', languages, { ...required, label: 'Language' }),
    text('EmployeeNumber', 20),
    reference('ManagerId', 'User', 'ManagedUsers'),
    datetime('LastLoginDate', { ...readOnly, label: 'Last Login' }),
    datetime('LastPasswordChangeDate', readOnly),
    text('FederationIdentifier', 512),
    text('AboutMe', 1000),
  ]),
});

/** What the user who asks may do: a single row, another one for each user. */
const userPermissionAccess = new SObject({
  name: 'UserPermissionAccess',
  label: 'User Permission Access',
  labelPlural: 'User Permission Access',
  keyPrefix: '0Pz',
  setup: true,
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    id,
    ...userPermissions.map((permission) =>
      checkbox(permissionField(permission), {
        ...readOnly,
        label: userPermissionLabels[permission],
        calculated: true,
      }),
    ),
  ],
});

const group = new SObject({
  name: 'Group',
  label: 'Group',
  labelPlural: 'Group',
  keyPrefix: '00G',
  setup: true,
  fields: setupFields([
    text('Name', 40, { ...required, nameField: true }),
    text('DeveloperName', 80),
    picklist('Type', ['Regular', 'Queue', 'Role', 'Organization'], { defaultValue: 'Regular' }),
    email('Email'),
  ]),
});

const permissionSet = new SObject({
  name: 'PermissionSet',
  label: 'Permission Set',
  labelPlural: 'Permission Sets',
  keyPrefix: '0PS',
  setup: true,
  fields: setupFields([
    text('Name', 80, { ...required, nameField: true }),
    text('Label', 80, required),
    text('Description', 255),
    checkbox('IsCustom', { ...readOnly, defaultValue: true }),
    checkbox('IsOwnedByProfile', readOnly),
    reference('ProfileId', 'Profile', undefined, readOnly),
    ...permissionFields,
    checkbox('HasActivationRequired'),
    text('NamespacePrefix', 15, readOnly),
    picklist('Type', ['Regular', 'Profile', 'Session', 'Group'], {
      ...readOnly,
      defaultValue: 'Regular',
    }),
  ]),
});

const permissionSetAssignment = new SObject({
  name: 'PermissionSetAssignment',
  label: 'Permission Set Assignment',
  labelPlural: 'Permission Set Assignments',
  keyPrefix: '0Pa',
  setup: true,
  updateable: false,
  fields: [
    id,
    reference('PermissionSetId', 'PermissionSet', 'Assignments', {
      ...required,
      updateable: false,
      cascadeDelete: true,
    }),
    reference('AssigneeId', 'User', 'PermissionSetAssignments', {
      ...required,
      updateable: false,
    }),
    checkbox('IsActive', { ...readOnly, defaultValue: true }),
    datetime('ExpirationDate'),
    systemModstamp,
  ],
});

const setupEntityAccess = new SObject({
  name: 'SetupEntityAccess',
  label: 'Setup Entity Access',
  labelPlural: 'Setup Entity Access',
  keyPrefix: '0J0',
  setup: true,
  updateable: false,
  fields: [
    id,
    reference('ParentId', 'PermissionSet', 'SetupEntityAccessItems', {
      ...required,
      updateable: false,
      cascadeDelete: true,
    }),
    field('SetupEntityId', 'reference', {
      ...required,
      updateable: false,
      label: 'Setup Entity ID',
      length: 18,
      referenceTo: ['ConnectedApplication', 'ExternalClientApplication'],
    }),
    picklist('SetupEntityType', ['ConnectedApplication', 'ExternalClientApplication'], {
      ...system,
      calculated: true,
    }),
    systemModstamp,
  ],
});

const setupAuditTrail = new SObject({
  name: 'SetupAuditTrail',
  label: 'Setup Audit Trail Entry',
  labelPlural: 'Setup Audit Trail Entries',
  keyPrefix: '0Ym',
  setup: true,
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    id,
    text('Action', 80, { ...system, nameField: true }),
    text('Section', 80, readOnly),
    datetime('CreatedDate', system),
    reference('CreatedById', 'User', undefined, system),
    text('Display', 1000, readOnly),
    text('DelegateUser', 80, readOnly),
    text('ResponsibleNamespacePrefix', 15, readOnly),
    text('CreatedByContext', 80, readOnly),
    text('CreatedByIssuer', 80, readOnly),
  ],
});

export const directoryObjects: readonly SObject[] = [
  organization,
  profile,
  userRole,
  user,
  userPermissionAccess,
  group,
  permissionSet,
  permissionSetAssignment,
  setupEntityAccess,
  setupAuditTrail,
];
