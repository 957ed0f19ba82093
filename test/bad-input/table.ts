import type { AnyDoor } from './door.js'

const HEAD = `# What is said of bad input

Every door through which something comes in, what may be wrong there, and the words for it. \`<folder>\` stands for a folder of yours. The code is
in the error of a script, and in the object that \`--json\` prints; the command line ends with the number after it.

This page is generated from the cases in \`test/bad-input/\`, each of which is tested: \`scripts/run test test/bad-input/table.test.ts -u\` rewrites it.
`

/** The text of docs/bad-input.md. */
export function tableOf(doors: readonly AnyDoor[]): string {
  return [HEAD, ...doors.map(section)].join('\n')
}

function section({ title, code: usual, cases }: AnyDoor): string {
  const rows = cases.map(
    ({ what, code = usual, exit = 2, says }) => `| ${cell(what)} | ${cell(says)} | \`${code}\` ${exit} |`,
  )
  return [`## ${title}`, '', '| what is wrong | what is said | code |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

/** A text in a cell: its lines one below the other, and nothing in it means anything in Markdown. */
function cell(text: string): string {
  const escaped = text.trimEnd().replace(/[\\|`*_<>[\]]/g, '\\$&')
  return escaped.replaceAll('\n', '<br>')
}
