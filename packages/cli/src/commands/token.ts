import { writeResult } from '../envelope.ts';
import { openConnection, writeWarnings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';
import { writeData } from '../terminal.ts';

export async function token(flags: SettingFlags & { json?: boolean }): Promise<void> {
  const warnings: string[] = [];
  const connection = openConnection(flags, warnings);
  try {
    const { value, instanceUrl, scopes, organizationId, userId } = await connection.token();
    if (flags.json === true) {
      const result = { accessToken: value, instanceUrl, scopes, organizationId, userId };
      writeResult({ result, warnings });
    } else {
      writeWarnings(warnings);
      writeData(`${value}\n`);
    }
  } finally {
    connection.close();
  }
}
