/**
 * Why a component or a package cannot be deployed: every rule with the sentence that tells of it and
 * where it comes from. docs/metadata-api.md shows the same table.
 */

export interface DeployRule {
  /** When it is broken. */
  readonly when: string;
  /** Salesforce's sentence; `{0}` and so on are what it is about. */
  readonly words: string;
  /** A Salesforce page, or where it was seen. */
  readonly source: string;
  /** The rule, or its sentence, is not known from Salesforce: the strict reading stands. */
  readonly assumption?: true;
  /** It is told, and does not fail the deployment. */
  readonly warning?: true;
}

const publicReports = 'public reports';
const parseErrors = 'public reports of parse errors';

const rules = {
  noManifest: {
    when: 'the archive has no package.xml',
    words: 'No package.xml found',
    source: publicReports,
  },
  unknownType: {
    when: 'a manifest names a type that is not there',
    words: "Unknown type name '{0}' specified in package.xml",
    source: publicReports,
  },
  notInManifest: {
    when: 'a file is not named by the manifest',
    words: 'Not in package.xml',
    source: 'release notes of the Salesforce CLI',
  },
  notInArchive: {
    when: 'the manifest names a component that has no file',
    words:
      "An object '{0}' of type {1} was named in package.xml, but was not found in zipped directory",
    source: publicReports,
  },
  wildcardDeletion: {
    when: 'destructive changes name *',
    words: 'The wildcard * is not supported in {0}',
    source: 'Metadata API Developer Guide, Deleting Components; the sentence is not known',
    assumption: true,
  },
  unreadable: {
    when: 'a file is no XML, has a document type, or is nested too deep',
    words: 'Error parsing file: {0}',
    source: `${parseErrors}; what follows is of the parser here`,
  },
  unknownElement: {
    when: 'an element that its type does not have',
    words:
      'Error parsing file: Element {{http://soap.sforce.com/2006/04/metadata}}{0} invalid at this location in type {1}',
    source: parseErrors,
  },
  repeatedElement: {
    when: 'an element twice that can be there once',
    words: 'Error parsing file: Element {0} is duplicated at this location in type {1}',
    source: publicReports,
  },
  notOfKind: {
    when: 'a value that is no number, no true or false',
    words: "Error parsing file: '{0}' is not a valid value for the type {1}",
    source: parseErrors,
    assumption: true,
  },
  notInEnumeration: {
    when: 'a value that its enumeration does not have',
    words: "Error parsing file: '{0}' is not a valid value for the enum '{1}'",
    source: parseErrors,
  },
  required: {
    when: 'a required element is missing',
    words: 'Required field is missing: {0}',
    source: publicReports,
  },
  name: {
    when: 'an API name that is none',
    words:
      'The {0} can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.',
    source: 'Salesforce Help, of every API name',
  },
  tooLong: {
    when: 'a text that is too long',
    words: '{0}: data value too large: {1} (max length={2})',
    source: publicReports,
  },
  settingsName: {
    when: 'settings under another name',
    words: 'Invalid fullName, must be {0}',
    source: publicReports,
  },
  reference: {
    when: 'a name of something that is not there: app, permission set, profile (in the language of the org), link to another org',
    words: 'In field: {0} - no {1} named {2} found',
    source: publicReports,
  },
  duplicate: {
    when: 'a second component of its kind for an app; policies are there as soon as the app is',
    words: 'duplicate value found: {0} duplicates value on {1}',
    source: 'public code that met it in July 2026',
  },
  email: {
    when: 'a contact that is no e-mail address',
    words: 'Contact Email: invalid email address: {0}',
    source: publicReports,
  },
  distribution: {
    when: 'a distribution state that Salesforce sets itself',
    words: 'distributionState: {0} is set by Salesforce and cannot be deployed',
    source: 'Metadata API Developer Guide, ExternalClientApplication; the sentence is not known',
    assumption: true,
  },
  details: {
    when: 'a description, phone or address that the page of the app would refuse',
    words: '{0}',
    source: 'Metadata API Developer Guide, ConnectedApp; the sentences are those of the pages here',
    assumption: true,
  },
  callbackUrl: {
    when: 'a callback URL that is none, or http to elsewhere than this machine',
    words: 'Callback URL: {0} is not a valid URL, or does not use https',
    source:
      'Salesforce Help, callback URLs use https or a custom scheme; the sentence is not known',
    assumption: true,
  },
  certificate: {
    when: 'a certificate that is none: neither PEM nor base64, a private key, another key than RSA',
    words: 'Invalid certificate: {0}',
    source: 'Metadata API Developer Guide, certificate; the sentence is not known',
    assumption: true,
  },
  consumerKeyRefused: {
    when: 'a consumer key for an app that has one: a connected app takes none, an external client app its own alone',
    words: 'You cannot provide a Consumer Key',
    source: 'public reports (connected apps); of external client apps an assumption',
  },
  consumerKeyTaken: {
    when: 'a consumer key that another app has',
    words: 'The consumer key is already taken',
    source: publicReports,
  },
  consumerKeyShape: {
    when: 'a consumer key that is none',
    words:
      'The consumer key must be between 8 and 256 characters long and can contain alphanumeric characters only',
    source: 'Metadata API Developer Guide, ConnectedApp; the sentence is not known',
    assumption: true,
  },
  scope: {
    when: 'a scope that is none, or by its name on the wire',
    words: 'Invalid OAuth scope: {0}. Valid scopes are: {1}',
    source: 'public report: an org lists its scopes; the words before the list are not known',
    assumption: true,
  },
  picklist: {
    when: 'a value of a policy that is none',
    words: '{0}: bad value for restricted picklist field: {1}',
    source: publicReports,
    assumption: true,
  },
  range: {
    when: 'a number out of range',
    words: '{0}: value not of required range: {1} ({2})',
    source: publicReports,
    assumption: true,
  },
  userPermission: {
    when: 'a user permission that is not there',
    words: 'Unknown user permission: {0}',
    source: publicReports,
  },
  access: {
    when: 'the user lacks the permission for a type',
    words: 'insufficient access rights on object id',
    source:
      'Metadata API Developer Guide, special access rules of each type; the sentence is that of other objects',
    assumption: true,
  },
  connectedAppsBlocked: {
    when: 'a new connected app where they are blocked',
    words:
      "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support.",
    source: 'Salesforce Help 005228017: in Setup and in the Metadata API',
  },
  undeletable: {
    when: 'policies or settings are deleted by themselves',
    words: 'Cannot delete {0}',
    source: 'Metadata API Developer Guide: they come and go with their app',
    assumption: true,
  },
  nothingToDelete: {
    when: 'what is to be deleted is not there',
    words: 'No {0} named: {1} found',
    source: publicReports,
    warning: true,
  },
} as const satisfies Record<string, DeployRule>;

export type DeployRuleName = keyof typeof rules;

export const deployRules: Readonly<Record<DeployRuleName, DeployRule>> = rules;
