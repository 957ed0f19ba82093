import { formatCell } from './format.js'

const GAP = '  '

/**
 * Rows as aligned text, numbers to the right, no wider than `width`: where there is no room for all columns, those in the
 * middle give way to `…`.
 */
export function textTable(
  names: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
  width: number,
): string {
  const columns = names.map((name) => {
    const values = rows.map((row) => row[name])
    const cells = [name, ...values.map(formatCell)]
    const toRight = values.some((value) => value !== null && value !== undefined) && values.every(isNumberOrNothing)
    return align(cells, toRight)
  })
  const shown = fitting(columns, width)
  const lines = Array.from({ length: rows.length + 1 }, (_, line) =>
    shown
      .map((cells) => cells[line])
      .join(GAP)
      .trimEnd(),
  )
  return lines.join('\n')
}

type Cells = readonly string[]

function align(cells: Cells, toRight: boolean): Cells {
  const widest = Math.max(...cells.map((cell) => cell.length))
  return cells.map((cell) => (toRight ? cell.padStart(widest) : cell.padEnd(widest)))
}

function isNumberOrNothing(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'number' || typeof value === 'bigint'
}

/** As many columns as there is room for, from both ends; one at least. */
function fitting(columns: readonly Cells[], width: number): readonly Cells[] {
  const room = (shown: readonly Cells[]) =>
    shown.reduce((sum, cells) => sum + cells[0]!.length + GAP.length, -GAP.length)
  if (room(columns) <= width) return columns
  const gap = (columns[0] ?? []).map(() => '…')
  let shown: readonly Cells[] = []
  for (let count = 1; count < columns.length; count++) {
    const first = Math.ceil(count / 2)
    const next = [...columns.slice(0, first), gap, ...columns.slice(columns.length - count + first)]
    if (count > 1 && room(next) > width) break
    shown = next
  }
  return shown
}
