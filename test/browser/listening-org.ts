import { createOrg } from '@sfjwt/org';
import type { Org, OrgOptions } from '@sfjwt/org';
import { onTestFinished } from 'vitest';

/** An org on a socket of its own, until the test ends. */
export async function listeningOrg(options: OrgOptions = {}): Promise<Org> {
  const org = await createOrg(options);
  onTestFinished(() => org.close());
  return org.listen({ port: 0 });
}
