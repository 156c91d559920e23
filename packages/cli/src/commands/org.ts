import { createOrg, readSeedFile } from '@sfjwt/org';
import type { OrgKind } from '@sfjwt/org';
import { writeResult } from '../envelope.ts';
import { stopSignal } from '../stop-signal.ts';
import { painterFor, writeNote } from '../terminal.ts';

export interface OrgFlags {
  port: number;
  host: string;
  kind?: OrgKind;
  data?: string;
  seed?: string;
  json?: boolean;
}

export async function org({ port, host, kind, data, seed, json }: OrgFlags): Promise<void> {
  const local = await createOrg({
    ...(kind === undefined ? {} : { kind }),
    ...(data === undefined ? {} : { file: data }),
    ...(seed === undefined ? {} : { seed: await readSeedFile(seed) }),
  });
  try {
    await local.listen({ port, host });
    const { administrator, organization, url } = local;
    const accessToken = local.openSession(administrator);
    if (json === true) {
      const admin = { username: administrator.username, accessToken };
      writeResult({ result: { url, orgId: organization.id, kind: organization.kind, admin } });
    } else {
      const paint = painterFor(process.stderr);
      writeNote(`Local ${organization.kind} org ${organization.id} at ${paint('bold', url)}`);
      writeNote(`  sign in there with  --instance-url ${url}`);
      for (const app of local.clientApps.list()) {
        writeNote(`  app "${app.name}"  --client-id ${app.consumerKey}`);
      }
      writeNote(paint('dim', 'It is a stand-in, not Salesforce. Stop it with Ctrl-C.'));
    }
    await stopSignal();
  } finally {
    await local.close();
  }
}
