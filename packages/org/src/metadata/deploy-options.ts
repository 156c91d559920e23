/** Options of a deployment, as JSON or as elements; and a deployment as the API tells it. */

import type { OrgContext } from '../org-context.ts';
import { RestError } from '../data/rest-error.ts';
import type { DeployOptions } from './deployment.ts';
import { isDone, statusOf } from './metadata-requests.ts';
import type { MetadataRequest } from './metadata-requests.ts';

const flags = [
  'allowMissingFiles',
  'autoUpdatePackage',
  'checkOnly',
  'ignoreWarnings',
  'performRetrieve',
  'purgeOnDelete',
  'rollbackOnError',
  'singlePackage',
] as const;

const testLevels = [
  'NoTestRun',
  'RunSpecifiedTests',
  'RunLocalTests',
  'RunAllTestsInOrg',
  'RunRelevantTests',
];

/**
 * @param given values as JSON has them, or the texts of elements
 * @throws RestError 400
 */
export function readDeployOptions(given: Readonly<Record<string, unknown>>): DeployOptions {
  const known = new Set<string>([...flags, 'runTests', 'testLevel']);
  const stranger = Object.keys(given).find((name) => !known.has(name));
  if (stranger !== undefined) {
    throw new RestError(
      400,
      'JSON_PARSER_ERROR',
      `Unrecognized field "${stranger.slice(0, 80)}" (class DeployOptions), not marked as ignorable`,
    );
  }
  const flag = (name: (typeof flags)[number]): boolean => {
    const value = given[name] ?? false;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw new RestError(
      400,
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of boolean from the value of ${name}`,
    );
  };
  const testLevel = given['testLevel'] ?? undefined;
  if (
    testLevel !== undefined &&
    (typeof testLevel !== 'string' || !testLevels.includes(testLevel))
  ) {
    const told = typeof testLevel === 'string' ? testLevel.slice(0, 80) : typeof testLevel;
    throw new RestError(
      400,
      'JSON_PARSER_ERROR',
      `Cannot deserialize value of type TestLevel from String "${told}": value not one of declared Enum instance names: [${testLevels.join(', ')}]`,
    );
  }
  const tests: unknown = given['runTests'] ?? [];
  const runTests = (Array.isArray(tests) ? tests : [tests]).map((name) => String(name));
  return {
    allowMissingFiles: flag('allowMissingFiles'),
    autoUpdatePackage: flag('autoUpdatePackage'),
    checkOnly: flag('checkOnly'),
    ignoreWarnings: flag('ignoreWarnings'),
    performRetrieve: flag('performRetrieve'),
    purgeOnDelete: flag('purgeOnDelete'),
    rollbackOnError: flag('rollbackOnError'),
    singlePackage: flag('singlePackage'),
    runTests,
    testLevel,
  };
}

/** DeployResult of the Metadata API Developer Guide. */
export function deployResult(
  request: MetadataRequest,
  includeDetails: boolean,
  context: OrgContext,
): Record<string, unknown> {
  const { id, state, created, due, userId } = request;
  if (state.kind !== 'deploy') throw new Error('a retrieve is no deployment');
  const { options, outcome, canceledBy } = state;
  const instant = (time: number): string => new Date(time).toISOString();
  const nameOf = (user: string): string => context.users.findById(user)?.name ?? '';
  const status = statusOf(request, context);
  const components = outcome?.messages.filter(({ componentType }) => componentType !== '') ?? [];
  const failures = outcome?.messages.filter(({ success }) => !success) ?? [];
  const successes = outcome?.messages.filter(({ success }) => success) ?? [];
  const done = isDone(request);
  return {
    checkOnly: options.checkOnly,
    ...(canceledBy === undefined ? {} : { canceledBy, canceledByName: nameOf(canceledBy) }),
    ...(done ? { completedDate: instant(due) } : {}),
    createdBy: userId,
    createdByName: nameOf(userId),
    createdDate: instant(created),
    ...(includeDetails
      ? {
          details: {
            componentFailures: failures,
            componentSuccesses: successes,
            runTestResult: { numFailures: 0, numTestsRun: 0, totalTime: 0 },
          },
        }
      : {}),
    done,
    ...(outcome?.errorStatusCode === undefined
      ? {}
      : { errorMessage: outcome.errorMessage, errorStatusCode: outcome.errorStatusCode }),
    id,
    ignoreWarnings: options.ignoreWarnings,
    lastModifiedDate: instant(done ? due : created),
    numberComponentErrors: failures.length,
    numberComponentsDeployed: components.filter(({ success }) => success).length,
    numberComponentsTotal: components.length,
    numberFiles: outcome?.numberFiles ?? 0,
    numberTestErrors: 0,
    numberTestsCompleted: 0,
    numberTestsTotal: 0,
    rollbackOnError: options.rollbackOnError,
    runTestsEnabled: options.testLevel !== undefined && options.testLevel !== 'NoTestRun',
    ...(status === 'Pending' ? {} : { startDate: instant(created) }),
    status,
    success: outcome?.status === 'Succeeded',
  };
}
