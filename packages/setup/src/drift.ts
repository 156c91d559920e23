/** How an org has moved away from a specification, and who did it. */

import type { AdminSession } from './admin-session.ts';
import type { AppSpecification } from './specification-schema.ts';
import { SetupError } from './errors.ts';
import { planSetup } from './setup-plan.ts';
import type { PlannedChange, PlanOptions, SetupPlanInDetail } from './setup-plan.ts';
import type { Patience } from './metadata/polling.ts';
import { nameOf } from './metadata/component.ts';
import { soql } from './soql.ts';

export interface Drift {
  plan: SetupPlanInDetail;
  /** What setup would change back. */
  differences: readonly PlannedChange[];
  /** Components that differ, with who changed them last. */
  lastChanges: readonly { what: string; by: string; at: string }[];
  /** Of the Setup Audit Trail: what was done to the app and its permission sets, newest first. */
  auditTrail: readonly AuditEntry[];
}

export interface AuditEntry {
  at: string;
  by: string;
  action: string;
  /** In Salesforce's words. */
  display: string;
}

export interface DriftOptions extends Omit<PlanOptions, 'certificate'> {
  /** Like that of a plan; the one that the org has when left out. */
  certificate?: PlanOptions['certificate'];
  /** How far back; 30 when left out. Salesforce keeps 180 days. */
  days?: number;
}

/**
 * Compares an org with a specification. Changes nothing.
 *
 * @throws SetupError as `planSetup`
 */
export async function findDrift(
  session: AdminSession,
  specification: AppSpecification,
  options: DriftOptions & Patience,
): Promise<Drift> {
  const certificate: PlanOptions['certificate'] =
    options.certificate ?? ((inOrg) => inOrg?.pem ?? Promise.reject(noCertificate()));
  const plan = await planSetup(session, specification, {
    ...options,
    certificate,
    replaceCertificate: true,
  });
  const changed = new Set(plan.changes.map(({ what }) => what));
  const lastChanges = plan.reading.listed
    .filter((component) => changed.has(nameOf(component)))
    .map((component) => ({
      what: nameOf(component),
      by: component.lastModifiedByName,
      at: component.lastModifiedDate,
    }));
  return {
    plan,
    differences: plan.changes,
    lastChanges,
    auditTrail: await readAuditTrail(session, plan, options.days ?? 30),
  };
}

/** Only action and date can be filtered on, and names are in the text: the rest is sorted out here. */
async function readAuditTrail(
  session: AdminSession,
  { app }: SetupPlanInDetail,
  days: number,
): Promise<AuditEntry[]> {
  const names = [app.name, app.apiName, ...app.permissionSets, `${app.name} Access`];
  const rows = await session.query<{
    CreatedDate: string;
    CreatedBy: { Username?: string } | null;
    Action: string;
    Display: string | null;
  }>(
    soql`SELECT CreatedDate, CreatedBy.Username, Action, Display FROM SetupAuditTrail ORDER BY CreatedDate DESC LIMIT 2000`,
  );
  const newest = Date.parse(rows[0]?.CreatedDate ?? '');
  const oldest = newest - days * 24 * 60 * 60 * 1000;
  return rows
    .filter(({ CreatedDate }) => Date.parse(CreatedDate) >= oldest)
    .filter(({ Display }) => names.some((name) => Display?.includes(name) === true))
    .map(({ CreatedDate, CreatedBy, Action, Display }) => ({
      at: CreatedDate,
      by: CreatedBy?.Username ?? '',
      action: Action,
      display: Display ?? '',
    }));
}

function noCertificate(): SetupError {
  return new SetupError('APP_NOT_FOUND', 'The org has no such app with a certificate', {
    hints: ['Check the API name; sfjwt setup makes the app.'],
  });
}
