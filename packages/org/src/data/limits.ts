/** GET /limits/recordCount?sObjects=Account,Contact: of all objects when none is named */
export function recordCounts(
  { query }: RestCall,
  { catalogue, database }: RestContext,
): { sObjects: { count: number; name: string }[] } {
  const wish = query
    .get('sObjects')
    ?.split(',')
    .map((name) => name.trim().toLowerCase());
  const sObjects = catalogue
    .list()
    .filter(({ name }) => wish === undefined || wish.includes(name.toLowerCase()))
    .map(({ name, hasRecycleBin }) => {
      const where = hasRecycleBin ? ' WHERE "IsDeleted" = 0' : '';
      const row = database.prepare(`SELECT count(*) AS "n" FROM "${name}"${where}`).get();
      return { count: Number(row?.['n'] ?? 0), name };
    });
  return { sObjects };
}

/** GET /limits: what an org may use, and what is left of it. */

import type { Database } from '../store/database.ts';
import type { ApiUsage } from './api-usage.ts';
import type { Catalogue } from './catalogue.ts';
import type { RestCall, RestContext } from './rest-call.ts';

interface Limit {
  Max: number;
  Remaining: number;
}

/** Salesforce counts two kilobytes for a record, whatever is in it. */
const bytesPerRecord = 2048;
const dataStorageMegabytes = 5;

export function limits(
  usage: ApiUsage,
  { database, catalogue }: { database: Database; catalogue: Catalogue },
): Record<string, Limit> {
  const { dailyLimit, used } = usage;
  let records = 0;
  for (const { name, setup } of catalogue.list()) {
    if (setup) continue;
    const row = database.prepare(`SELECT count(*) AS "n" FROM "${name}"`).get();
    records += Number(row?.['n'] ?? 0);
  }
  const megabytes = Math.ceil((records * bytesPerRecord) / 1_048_576);
  // Of what this org does not offer nothing is used up; clients look for the names.
  const unused = (Max: number): Limit => ({ Max, Remaining: Max });
  return {
    DailyApiRequests: { Max: dailyLimit, Remaining: Math.max(0, dailyLimit - used) },
    DailyAsyncApexExecutions: unused(250_000),
    DailyBulkApiBatches: unused(15_000),
    DailyBulkV2QueryFileStorageMB: unused(976_562),
    DailyBulkV2QueryJobs: unused(10_000),
    DailyStreamingApiEvents: unused(10_000),
    DataStorageMB: {
      Max: dataStorageMegabytes,
      Remaining: Math.max(0, dataStorageMegabytes - megabytes),
    },
    FileStorageMB: unused(20),
    HourlyODataCallout: unused(1000),
    MassEmail: unused(10),
    SingleEmail: unused(15),
  };
}
