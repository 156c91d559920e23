/** What Salesforce says of a component that it does not take, and what to do about it. */

export type ProblemKind =
  | 'connectedAppsBlocked'
  | 'consumerKeyRefused'
  | 'consumerKeyTaken'
  | 'policyNameTaken'
  | 'secretsClosed'
  | 'certificateRefused'
  | 'permissionMissing'
  | 'nameRefused'
  | 'scopeRefused'
  | 'typeUnknown';

interface Problem {
  kind: ProblemKind;
  matches: RegExp;
  cure: string;
}

/** The first row that fits decides. Sources: docs/setup.md, "Traps". */
const problems: readonly Problem[] = [
  {
    kind: 'consumerKeyTaken',
    matches: /consumer ?key is already (?:taken|in use)/i,
    cure: 'Consumer keys are unique across all of Salesforce: let the org make one (consumerKey: generated).',
  },
  {
    kind: 'consumerKeyRefused',
    matches: /cannot provide a consumer ?key|consumer ?key .*(?:invalid|not allowed)/i,
    cure: 'The org makes the consumer key itself: leave it out (consumerKey: generated).',
  },
  {
    kind: 'connectedAppsBlocked',
    matches:
      /(?:connected apps?\b.*\b(?:not (?:allowed|enabled|supported|available)|disabled|blocked|restricted|can(?:no|’|')t be created|cannot be created|no longer))|(?:can(?:no|’|')?t|cannot) create (?:a )?(?:new )?connected app/i,
    cure: 'New connected apps are blocked since Spring ’26 unless Salesforce Support allows them: set up an external client app instead (--kind externalClientApp).',
  },
  {
    kind: 'policyNameTaken',
    matches: /duplicate value found: ExternalClientApplicationId/i,
    cure: 'The app has this policy already, under another name: run the command again, which finds it.',
  },
  {
    kind: 'secretsClosed',
    matches:
      /oauth consumer secrets?|consumer secrets? (?:in|via) metadata|enableConsumerSecretApiAccess/i,
    cure: 'Setup > External Client App Settings: allow access to OAuth consumer secrets via the Metadata API, and give the administrator "View External Client Apps Consumer Secrets in Metadata".',
  },
  {
    kind: 'certificateRefused',
    matches: /certificate/i,
    cure: 'Give one RSA certificate of at least 2048 bits and at most 4 KB, as PEM: sfjwt key new makes one.',
  },
  {
    kind: 'scopeRefused',
    matches: /scope/i,
    cure: 'Take the scope out of the specification, or spell it as the message does.',
  },
  {
    kind: 'permissionMissing',
    matches: /insufficient (?:access|privileges|permissions)|not have (?:access|permission)/i,
    cure: 'Use a session of an administrator with the permissions that docs/setup.md lists.',
  },
  {
    kind: 'nameRefused',
    matches: /(?:developer|api|full) ?name|must begin with a letter|underscores?/i,
    cure: 'An API name begins with a letter and has letters, digits and single underscores: set apiName.',
  },
  {
    kind: 'typeUnknown',
    matches:
      /unknown type|not (?:a )?(?:valid|supported).*type|entity type.*(?:unknown|not available)/i,
    cure: 'This org does not know external client apps yet: it needs API version 60.0 or later.',
  },
];

/** What kind of problem Salesforce's words describe, if it is a known one. */
export function problemOf(words: string): ProblemKind | undefined {
  return problems.find(({ matches }) => matches.test(words))?.kind;
}

export function cureOf(words: string): string | undefined {
  return problems.find(({ matches }) => matches.test(words))?.cure;
}
