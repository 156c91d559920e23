/** Aligned columns without lines, for people. */

export interface Column {
  heading: string;
  /** The cell of each row, as text. */
  cells: readonly string[];
}

/** @returns one line per row, the headings first */
export function renderTable(columns: readonly Column[]): string[] {
  const widths = columns.map(({ heading, cells }) =>
    Math.max(...[heading, ...cells].map(displayWidth)),
  );
  const rows = columns[0]?.cells.length ?? 0;
  const line = (cellOf: (column: Column) => string): string =>
    columns
      .map((column, index) => {
        const cell = printable(cellOf(column));
        return cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)));
      })
      .join('  ')
      .trimEnd();
  return [
    line(({ heading }) => heading),
    ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? '')),
  ];
}

/**
 * A table where it has the room, else a block of lines per record: nothing is cut off, and nothing
 * wraps into the next column.
 *
 * @param width columns of the terminal; undefined in a pipe, where there is no end of a line
 */
export function renderRecords(columns: readonly Column[], width: number | undefined): string[] {
  const rows = columns[0]?.cells.length ?? 0;
  if (rows === 0) return ['none'];
  const table = renderTable(columns);
  if (width === undefined || table.every((line) => displayWidth(line) <= width)) return table;
  const label = Math.max(...columns.map(({ heading }) => displayWidth(heading)));
  return Array.from({ length: rows }, (_, row) => [
    ...(row === 0 ? [] : ['']),
    ...columns.flatMap(({ heading, cells }) => {
      const cell = printable(cells[row] ?? '');
      return cell === '' ? [] : [`${heading.padEnd(label)}  ${cell}`.trimEnd()];
    }),
  ]).flat();
}

/** Columns a text takes; what East Asian scripts and emoji write takes two. */
function displayWidth(text: string): number {
  // The tables of Unicode take a while to load: plain text does without them.
  if (/^[ -~]*$/.test(text)) return text.length;
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let width = 0;
  for (const { segment } of graphemes.segment(printable(text))) {
    width +=
      /^(?:\p{Extended_Pictographic}|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6])/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return width;
}

/** What comes from an org must not steer the terminal, nor turn the order of what is read. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, ' ');
}
