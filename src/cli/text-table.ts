import stringWidth from 'string-width'
import { printable } from '../settings/printable.js'
import { formatCell } from './format.js'

/** A column of a table that people read. */
export interface TextColumn {
  readonly name: string
  readonly cells: readonly string[]
  /** Whether the cells are aligned to the right, as numbers are. Default: no. */
  readonly toRight?: boolean
}

const GAP = '  '

/**
 * Formats columns as aligned text, no wider than `width`. If there is not enough room, `…` replaces
 * columns in the middle.
 */
export function textTable(columns: readonly TextColumn[], width = Number.POSITIVE_INFINITY): string {
  const shown = fitting(columns.map(align), width)
  const lines = (shown[0] ?? []).map((_, line) => shown.map((cells) => cells[line]).join(GAP))
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** Returns the rows of a table of results as columns of text, with shortened values. */
export function dataColumns(
  names: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): TextColumn[] {
  return names.map((name) => {
    const values = rows.map((row) => row[name] ?? null)
    const numbers = values.filter((value) => typeof value === 'number' || typeof value === 'bigint')
    const others = values.length - numbers.length - values.filter((value) => value === null).length
    return { name, cells: values.map(formatCell), toRight: numbers.length > 0 && others === 0 }
  })
}

type Cells = readonly string[]

function align({ name, cells, toRight }: TextColumn): Cells {
  const all = [name, ...cells].map(printable)
  const widths = all.map((cell) => stringWidth(cell))
  const widest = Math.max(...widths)
  return all.map((cell, i) => {
    const space = ' '.repeat(widest - widths[i]!)
    return toRight ? space + cell : cell + space
  })
}

/** Returns as many columns as there is room for, from both ends, and at least one. */
function fitting(columns: readonly Cells[], width: number): readonly Cells[] {
  const room = (shown: readonly Cells[]) =>
    shown.reduce((sum, cells) => sum + stringWidth(cells[0]!) + GAP.length, -GAP.length)
  if (room(columns) <= width) return columns
  const gap = (columns[0] ?? []).map(() => '…')
  let shown: readonly Cells[] = columns
  for (let count = 1; count < columns.length; count++) {
    const first = Math.ceil(count / 2)
    const next = [...columns.slice(0, first), gap, ...columns.slice(columns.length - count + first)]
    if (count > 1 && room(next) > width) break
    shown = next
  }
  return shown
}
