import type { Child } from 'hono/jsx';

/** One part of a list that may be long: as much as can be read, and no page grows with the org. */
export interface ListPage<Row> {
  readonly rows: readonly Row[];
  /** What is shown of how many. */
  readonly caption: string;
  /** Leads to the parts before and after; nothing where there is one part only. */
  readonly turn: Child;
}

const perPage = 50;

/** @param noun of the rows: one, and many */
export function listPage<Row extends { readonly id: string }>(
  url: URL,
  all: readonly Row[],
  [one, many]: readonly [one: string, many: string],
): ListPage<Row> {
  const last = Math.max(1, Math.ceil(all.length / perPage));
  // A link to one row finds the part that it is in.
  const row = all.findIndex(({ id }) => id === url.searchParams.get('at'));
  const asked =
    row === -1 ? Number(url.searchParams.get('page') ?? 1) : Math.floor(row / perPage) + 1;
  const page = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), last) : 1;
  const from = (page - 1) * perPage;
  const rows = all.slice(from, from + perPage);
  const to = (number: number): string => {
    const query = new URLSearchParams(url.searchParams);
    query.delete('at');
    query.set('page', String(number));
    return `${url.pathname}?${query.toString()}`;
  };
  return {
    rows,
    caption:
      last === 1
        ? `${all.length} ${all.length === 1 ? one : many}`
        : `${from + 1} to ${from + rows.length} of ${all.length} ${many}`,
    turn:
      last === 1 ? null : (
        <nav class="actions" aria-label={`Parts of the list of ${many}`}>
          {page > 1 ? (
            <a class="button" href={to(page - 1)} rel="prev">
              Previous
            </a>
          ) : null}
          {page < last ? (
            <a class="button" href={to(page + 1)} rel="next">
              Next
            </a>
          ) : null}
        </nav>
      ),
  };
}
