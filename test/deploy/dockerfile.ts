/** One instruction of a Dockerfile. */
export interface Instruction {
  readonly name: string
  /** As `from` in `COPY --from=build …`. */
  readonly flags: Readonly<Record<string, string>>
  /** What follows the flags, as it stands there; lines that were continued are one. */
  readonly text: string
  /** The words of the text: of its JSON where it is written so, and as between blanks where it is not. */
  readonly words: readonly string[]
  /** The text is JSON. */
  readonly exec: boolean
}

/** `FROM <base> AS <name>` and the instructions that follow it. */
export interface Stage {
  readonly base: string
  readonly name: string | undefined
  readonly instructions: readonly Instruction[]
}

/** The stages of a Dockerfile, of those that have no ARG and no here-documents. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = []
  for (const line of logicalLines(text)) {
    const instruction = parseInstruction(line)
    if (instruction.name === 'FROM') {
      const [base = '', , name] = instruction.words
      stages.push({ base, name, instructions: [] })
    } else {
      const stage = stages.at(-1)
      if (!stage) throw new Error(`Expected FROM first, got: ${line}`)
      stage.instructions.push(instruction)
    }
  }
  return stages
}

function logicalLines(text: string): string[] {
  const withoutComments = text.replace(/^[ \t]*#.*\n/gm, '')
  return withoutComments
    .replace(/\\\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^\s*(\w+)\s*(.*)$/.exec(line) ?? []
  const [given = ''] = /^(--\S+\s+)*/.exec(rest) ?? []
  const flags = Object.fromEntries([...given.matchAll(/--([\w-]+)=(\S*)/g)].map(([, flag, value]) => [flag, value]))
  const text = rest.slice(given.length).trim()
  const exec = text.startsWith('[')
  return { name: name.toUpperCase(), flags, text, exec, words: exec ? JSON.parse(text) : text.split(/\s+/) }
}
