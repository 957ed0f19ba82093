import { ERROR_CODES, type Fault } from '../../src/error-codes.js'

const HEAD = `# Errors

Every error of Scythe has a message that names the field, the value and the way out, and a stable \`code\`. A script asks for it with
\`isScytheError(error, 'RUN_NOT_FOUND')\`, which knows errors of every copy of the package and narrows to the fields of that error. The
command line prints the message on stderr, or \`{"error": {"code": …, "message": …}}\` on stdout with \`--json\`, and ends with the exit
code. An exit code of 3 is not an error: the run is done, and some of its specs are rows of the table \`errors\`.

This page is generated from \`src/error-codes.ts\`: \`scripts/run test test/errors -u\` rewrites it.
`

const TITLES: Readonly<Record<Fault, string>> = {
  spec: 'A spec or its function failed',
  input: 'A command line, a table, a module or a setting has to change',
  worker: 'Another worker may do it',
  message: 'A task that no worker runs',
  data: 'An object in a store is not what it should be',
  infrastructure: 'A store, an engine, a worker or a process failed',
  stop: 'Somebody stopped it',
}

const NOTES: Partial<Record<Fault, string>> = {
  spec: 'The error is a row of the table `errors`, with the code in `error_code`. A script gets it only from a spec that is a task of its own.',
  worker: 'The task goes on to other workers, and waits until there is one that can run it.',
}

/** Returns the text of docs/errors.md. */
export function errorsPage(): string {
  return [HEAD, ...(Object.keys(TITLES) as Fault[]).map(section)].join('\n')
}

function section(fault: Fault): string {
  const rows = Object.entries(ERROR_CODES)
    .filter(([, entry]) => entry.fault === fault)
    .map(([code, { meaning, wayOut, exit }]) => `| \`${code}\` | ${meaning} | ${wayOut} | ${exit} |`)
  const note = NOTES[fault]
  return [
    `## ${TITLES[fault]}`,
    '',
    ...(note ? [note, ''] : []),
    '| code | meaning | what to do | exit |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
