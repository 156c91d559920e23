import { UsageError } from './usage-error.ts';

interface Page {
  totalSize?: number;
  records: unknown[];
  nextRecordsUrl?: string;
}

/**
 * The batches of a query as one answer, as if Salesforce had sent them at once.
 *
 * @param tell how many records have come so far
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_query.htm
 */
export async function queryPages(
  path: string,
  fetchJson: (path: string) => Promise<unknown>,
  tell: (count: number) => void,
): Promise<{ totalSize: number; done: true; records: unknown[] }> {
  const records: unknown[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const page = pageOf(await fetchJson(next));
    for (const record of page.records) records.push(record);
    tell(records.length);
    next = page.nextRecordsUrl;
  }
  return { totalSize: records.length, done: true, records };
}

function pageOf(answer: unknown): Page {
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'records' in answer &&
    Array.isArray(answer.records)
  ) {
    return answer as Page;
  }
  throw new UsageError('--paginate is for a query, and this answer has no records', [
    'Leave --paginate out.',
  ]);
}
