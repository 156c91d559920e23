/** What an administrator should look at, of an app that was inventoried. */

import type { InventoriedApp, InventoryFinding } from './inventoried-app.ts';

/** RFC 7518 section 3.3: what RS256 needs. */
const minimumBits = 2048;

/** Scopes that let a token do whatever its user may, in pages as in the API. */
const wideScopes = new Set(['full', 'web']);

/** What is to be said of an app on its own, the gravest first. */
export function findingsOf(app: InventoriedApp, warnDays: number): InventoryFinding[] {
  const { certificate, scopes, permittedUsers, lastLogin } = app;
  const findings: InventoryFinding[] = [];
  if (certificate !== undefined) {
    const { daysLeft, notAfter, bits } = certificate;
    const day = notAfter.toISOString().slice(0, 10);
    if (daysLeft < 0) {
      findings.push({
        code: 'CERTIFICATE_EXPIRED',
        severity: 'critical',
        message: `The certificate ended on ${day}`,
      });
    } else if (daysLeft < warnDays) {
      findings.push({
        code: 'CERTIFICATE_EXPIRES_SOON',
        severity: 'warning',
        message: `The certificate ends on ${day}, in ${daysLeft} days`,
      });
    }
    if (bits < minimumBits) {
      findings.push({
        code: 'KEY_TOO_SHORT',
        severity: 'critical',
        message: `The key has ${bits} bits; RS256 needs ${minimumBits}`,
      });
    }
  }
  const wide = scopes.filter((scope) => wideScopes.has(scope));
  if (wide.length > 0) {
    findings.push({
      code: 'SCOPES_TOO_WIDE',
      severity: 'warning',
      message: `The scope ${wide.join(', ')} gives more than an integration needs`,
    });
  }
  if (permittedUsers === 'selfAuthorized') {
    findings.push({
      code: 'SELF_AUTHORIZED',
      severity: 'warning',
      message: 'Every user of the org may authorize the app',
    });
  }
  // Only an app that signs in by a key is known to need no person.
  if (certificate !== undefined && lastLogin === undefined) {
    findings.push({
      code: 'NO_LOGIN_SEEN',
      severity: 'info',
      message: 'Login History shows no login through it',
    });
  }
  return findings;
}

/** One leak opens every app of the key. */
export function sharedKeyFindings(
  apps: readonly InventoriedApp[],
): ReadonlyMap<InventoriedApp, readonly InventoryFinding[]> {
  const byKey = new Map<string, InventoriedApp[]>();
  for (const app of apps) {
    const key = app.certificate?.keyFingerprint256;
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), app]);
  }
  const findings = new Map<InventoriedApp, readonly InventoryFinding[]>();
  for (const sharers of byKey.values()) {
    if (sharers.length < 2) continue;
    for (const app of sharers) {
      const others = sharers.filter((other) => other !== app);
      const abroad = others.filter(({ org }) => org !== app.org);
      const names = (abroad.length > 0 ? abroad : others).map(({ org, label }) =>
        abroad.length > 0 ? `${label} of ${org.name} (${org.instanceUrl})` : label,
      );
      findings.set(app, [
        {
          code: abroad.length > 0 ? 'KEY_SHARED_BETWEEN_ORGS' : 'KEY_SHARED',
          severity: abroad.length > 0 ? 'warning' : 'info',
          message: `The same key is that of ${names.join(', ')}`,
        },
      ]);
    }
  }
  return findings;
}
