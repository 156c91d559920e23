import { openAdminSession } from '@sfjwt/setup';
import { diagnose } from '@sfjwt/setup/diagnosis';
import type { Diagnosis } from '@sfjwt/setup/diagnosis';
import type { CausedFault } from './faults.ts';
import { Stage } from './stage.ts';
import type { Scene } from './stage.ts';

export interface Found {
  readonly diagnosis: Diagnosis;
  /** Logins that the org refused. */
  readonly refusedLogins: number;
}

/** Hosts that never answer are given up after this. */
const patience = 1500;

/** Causes a fault and has it looked at, with an administrator's session or without. */
export async function examine(
  { cause }: CausedFault,
  { asAdmin }: { asAdmin: boolean },
): Promise<Found> {
  const stage = new Stage();
  try {
    const scene = await cause(stage);
    const diagnosis = await look(scene, asAdmin);
    const logins = scene.org?.loginHistory.list() ?? [];
    return { diagnosis, refusedLogins: logins.filter(({ status }) => status !== 'Success').length };
  } finally {
    await stage.end();
  }
}

async function look(scene: Scene, asAdmin: boolean): Promise<Diagnosis> {
  const { org, keyFile, certificateFile, proxy, ca, ...settings } = scene;
  const session =
    asAdmin && org !== undefined
      ? await openAdminSession({
          instanceUrl: org.url,
          accessToken: org.openSession(org.administrator),
          // Whether the worker trusts the host is none of the administrator's business.
          ...(org.url.startsWith('https:') ? { fetch: (request) => org.fetch(request) } : {}),
        })
      : undefined;
  return diagnose(
    { ...settings, privateKeyFile: keyFile },
    {
      certificateFile,
      proxy: proxy ?? null,
      ca,
      admin: session && (() => Promise.resolve({ session, by: { profile: 'admin' } })),
      timeoutMilliseconds: patience,
    },
  );
}
