import type { Child } from 'hono/jsx';

export interface Column<Row> {
  label: string;
  /** What stands in the cell. */
  cell: (row: Row) => Child;
  /** As wide as its content: buttons, short words. */
  isNarrow?: boolean;
  /** Not squeezed by the others: what reads badly when it is broken, such as a username. */
  isWide?: boolean;
  /** The heading is for screen readers alone, as over buttons. */
  isLabelHidden?: boolean;
}

export interface TableProps<Row> {
  /** What the table shows, for screen readers and above it. */
  caption: string;
  /** The first one names the row. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
}

/** A list; on a narrow screen each row is a card with the headings beside the values. */
export function Table<Row>({ caption, columns, rows }: TableProps<Row>): Child {
  return (
    <table class="list">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ label, isNarrow, isWide, isLabelHidden }) => (
            <th scope="col" class={widthOf({ isNarrow, isWide })}>
              {isLabelHidden === true ? <span class="hidden-text">{label}</span> : label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            {columns.map(({ label, cell, isNarrow, isLabelHidden }, index) =>
              index === 0 ? (
                <th scope="row">{cell(row)}</th>
              ) : (
                <td
                  class={widthOf({ isNarrow })}
                  data-label={isLabelHidden === true ? undefined : label}
                >
                  {cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function widthOf({
  isNarrow,
  isWide,
}: {
  isNarrow: boolean | undefined;
  isWide?: boolean | undefined;
}): string | undefined {
  if (isNarrow === true) return 'narrow';
  return isWide === true ? 'wide' : undefined;
}
