import { describe, expect, it } from 'vitest'
import { dispatch } from '../../src/cli/command-line.js'
import { scytheCommands } from '../../src/cli/commands.js'
import { countOption } from '../../src/cli/options.js'

/** Parses a line with the declared commands. Resolves to what the command's action is called with. */
async function read(line: string): Promise<{ positionals: unknown[]; options: unknown }> {
  let values: unknown[] = []
  const program = scytheCommands(() => {})
  for (const command of program.commands) {
    command.action((...given) => {
      values = given.slice(0, -1)
    })
  }
  await program.parseAsync(line.split(' '), { from: 'user' })
  return { positionals: values.slice(0, -1), options: values.at(-1) }
}

describe('the arguments of a command', () => {
  it('are read as the texts that were typed, in any order', async () => {
    expect(await read('run --version 1.10 007 --specs=a=b.csv --json --store -')).toEqual({
      positionals: ['007'],
      options: { version: '1.10', specs: ['a=b.csv'], json: true, store: '-' },
    })
    expect(await read('results 2026 -o 2027')).toEqual({ positionals: ['2026'], options: { output: '2027' } })
    expect(await read('run --specs=-odd.csv -- --m.ts')).toEqual({
      positionals: ['--m.ts'],
      options: { specs: ['-odd.csv'] },
    })
  })

  it('may be repeated if they are declared so, and may have dashes in their names', async () => {
    const { positionals, options } = await read('run --specs a m.ts --dry-run --specs=b')
    expect(positionals).toEqual(['m.ts'])
    expect(options).toEqual({ specs: ['a', 'b'], dryRun: true })
  })

  it('have one value for each declared positional, and an array for the remaining ones', async () => {
    expect((await read('resume latest')).positionals).toEqual(['latest', undefined])
    expect(await read('worker a.ts b.ts --show')).toEqual({ positionals: [['a.ts', 'b.ts']], options: { show: true } })
    expect((await read('worker')).positionals).toEqual([[]])
  })

  it.each([
    ['ru m.ts', '(Did you mean run?)'],
    ['--json run m.ts', 'Usage: scythe <command> [options]'],
    ['toast', "unknown command 'toast'"],
    ['run', "missing required argument 'module'"],
    ['run a.ts b.ts', "too many arguments for 'run'"],
    ['run m.ts --spec x', '(Did you mean --specs?)'],
    ['run m.ts -x', "unknown option '-x'"],
    ['run m.ts --no-json', "unknown option '--no-json'"],
    ['run m.ts --specs', "option '--specs <file>' argument missing"],
    ['run m.ts --specs --json', 'The option needs a value.'],
    ['run m.ts --specs= x', 'The option needs a value.'],
    ['run m.ts --json=yes', "unknown option '--json=yes'"],
    ['run m.ts --slots 1 --slots 2', 'The option is given twice.'],
    ['schema export latest', 'Allowed choices are import.'],
  ])('are rejected if they are wrong: %s', async (line, message) => {
    await expect(dispatch(line.split(' '))).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
    })
  })

  it.each(['0', '-1', '1.5', 'two', '1e3', '99999999999999999999'])(
    'are rejected as a count if they are %s',
    (text) => {
      expect(() => countOption('slots', text)).toThrow(
        `Expected --slots to be a whole number of 1 or more, got ${text}.`,
      )
    },
  )
})
