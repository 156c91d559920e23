/** From the ground up: every check in turn, and then what the first broken link is. */

import { apiAccess } from './api-access.ts';
import { assertionAudience } from './assertion-audience.ts';
import { assertionForm } from './assertion-form.ts';
import { assertionHeader } from './assertion-header.ts';
import { assertionParties } from './assertion-parties.ts';
import { assertionSignature } from './assertion-signature.ts';
import { assertionTimes } from './assertion-times.ts';
import { audienceProbe } from './audience-probe.ts';
import { audience } from './audience.ts';
import { certificateFile } from './certificate-file.ts';
import { connection } from './connection.ts';
import { consumerKey } from './consumer-key.ts';
import { Examination } from './examination.ts';
import type { Check, DiagnosedSettings, DiagnosisOptions } from './examination.ts';
import { exchange } from './exchange.ts';
import { grounds } from './finding.ts';
import type { Finding, Ground, Result, Trouble } from './finding.ts';
import { grantedScopes } from './granted-scopes.ts';
import { hostClock } from './host-clock.ts';
import { hostName } from './host-name.ts';
import { loginHistory } from './login-history.ts';
import { loginUrl } from './login-url.ts';
import {
  adminSession,
  appCertificate,
  appEnabled,
  appScopes,
  clientApp,
  orgUser,
  permittedUsers,
} from './org-checks.ts';
import { privateKey } from './private-key.ts';
import { proxySetting } from './proxy-setting.ts';
import { tlsIssuer } from './tls-issuer.ts';
import { tokenEndpoint } from './token-endpoint.ts';
import { userinfo } from './userinfo.ts';
import { username } from './username.ts';

export interface Diagnosis {
  /** Whether nothing is broken; there may be warnings. */
  readonly isHealthy: boolean;
  /** The first broken link: what to mend first. */
  readonly cause: Finding | undefined;
  /** From the ground up. */
  readonly findings: readonly Finding[];
}

/** In the order in which Salesforce goes by them. */
const orgChecks: readonly Check[] = [
  adminSession,
  clientApp,
  appEnabled,
  appCertificate,
  orgUser,
  permittedUsers,
  appScopes,
  loginHistory,
];

/** In the order in which they are made; told in the order of {@link grounds}. */
const checks: readonly Check[] = [
  privateKey,
  certificateFile,
  loginUrl,
  consumerKey,
  username,
  audience,
  hostName,
  proxySetting,
  connection,
  tlsIssuer,
  hostClock,
  tokenEndpoint,
  exchange,
  audienceProbe,
  // After the exchange: what it left in Login History is evidence.
  ...orgChecks,
  userinfo,
  grantedScopes,
  apiAccess,
];

/** Of a JWT that is there already: nothing is signed, and nothing is sent with it. */
const assertionChecks: readonly Check[] = [
  certificateFile,
  assertionForm,
  assertionHeader,
  assertionParties,
  assertionAudience,
  assertionTimes,
  ...orgChecks,
  assertionSignature,
];

/**
 * Finds out why signing in fails, or that it does not. Sends one token request at most, and that only
 * when nothing below it is broken. Never throws for what is wrong with the settings, the network or
 * the org: that is what it tells.
 */
export async function diagnose(
  settings: DiagnosedSettings,
  options: DiagnosisOptions = {},
): Promise<Diagnosis> {
  const examination = new Examination(settings, options);
  const told: Told[] = [];
  const made = options.assertion === undefined ? checks : assertionChecks;
  try {
    for (const check of made) {
      options.onCheck?.(check.ground, check.name);
      for (const result of await check.run(examination)) told.push({ check, result });
    }
  } finally {
    examination.transport.close();
  }
  const ordered = judged(told, examination).toSorted(
    (a, b) => heightOf(a.check.ground) - heightOf(b.check.ground),
  );
  const findings = ordered.map((one) => toFinding(one, isConsequence(one, ordered)));
  const cause = findings.find(({ state }) => state === 'fault');
  return { isHealthy: cause === undefined, cause, findings };
}

function heightOf(ground: Ground): number {
  return grounds.indexOf(ground);
}

interface Told {
  readonly check: Check;
  readonly result: Result;
}

/**
 * What each finding is worth, now that all have spoken: a suspicion that explains a fault above it is
 * the cause of that fault, and what looked broken is not, when Salesforce signs in all the same.
 */
function judged(told: readonly Told[], { token }: Examination): Told[] {
  const codes = new Set(
    told.flatMap(({ result }) => (result.state === 'fault' ? result.code : [])),
  );
  const explains = (trouble: Trouble): boolean =>
    trouble.explains?.some((code) => codes.has(code)) === true;
  return told.map(({ check, result }): Told => {
    if (result.state === 'ok' && result.suspicion !== undefined && explains(result.suspicion)) {
      return { check, result: { state: 'fault', ...result.suspicion } };
    }
    if (result.state === 'warning' && explains(result)) {
      return { check, result: { ...result, state: 'fault' } };
    }
    const isBelow = heightOf(check.ground) < heightOf('signIn');
    if (result.state === 'fault' && isBelow && token !== undefined && result.stands !== true) {
      return { check, result: { ...result, state: 'warning' } };
    }
    return { check, result };
  });
}

/** What Salesforce refuses follows from what was found broken below, and so does what is said twice. */
function isConsequence({ check, result }: Told, all: readonly Told[]): boolean {
  if (result.state !== 'fault') return false;
  return all.some(({ check: below, result: other }) => {
    if (other.state !== 'fault' || heightOf(below.ground) >= heightOf(check.ground)) return false;
    return check.ground === 'signIn' ? other.stands !== true : other.code === result.code;
  });
}

function toFinding({ check, result }: Told, goesWithOther: boolean): Finding {
  const { ground, name } = check;
  const { state, says } = result;
  if (state === 'skipped') return { ground, check: name, state, says, evidence: [] };
  if (state === 'ok') return { ground, check: name, state, says, evidence: result.evidence ?? [] };
  const { code, evidence = [], cure } = result;
  return {
    ground,
    check: name,
    state,
    code,
    says,
    evidence,
    ...(cure === undefined ? {} : { cure }),
    ...(goesWithOther ? { isConsequence: true } : {}),
  };
}
