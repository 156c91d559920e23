/** What has to happen by itself once its time has come by the clock of the org. */

import type { OrgContext } from './org-context.ts';

/** Milliseconds since 1970; Infinity when nothing waits. */
function nextDue({ database }: OrgContext): number {
  const row = database
    .prepare(
      `SELECT min("due") AS "due" FROM (
         SELECT min("_due") AS "due" FROM "_MetadataRequest"
         UNION ALL
         SELECT min("_expires") FROM "_StagedCredentials" WHERE "_state" <> 'Expired')`,
    )
    .get();
  return typeof row?.['due'] === 'number' ? row['due'] : Infinity;
}

/** Whether there is something to do: asked before every request, so remembered between changes. */
export function isWorkDue(context: OrgContext, now: number): boolean {
  return context.memory.recall('next due', () => nextDue(context)) <= now;
}

/** Carries it out. Its code is loaded by the first org that has any. */
export async function doDueWork(context: OrgContext): Promise<void> {
  const [{ settle }, { expireStagedCredentials }] = await Promise.all([
    import('./metadata/metadata-requests.ts'),
    import('./connect/staged-credentials.ts'),
  ]);
  settle(context);
  expireStagedCredentials(context);
}
