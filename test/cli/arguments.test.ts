import { cac } from 'cac'
import { describe, expect, it } from 'vitest'
import { findCommand, readArguments } from '../../src/cli/arguments.js'
import { countOption } from '../../src/cli/options.js'

const cli = cac('scythe')
cli.option('--json', '')
cli.option('--store <address>', '')
cli
  .command('run <module>', '')
  .option('--specs <file>', '')
  .option('--version <v>', '')
  .option('-o, --output <file>', '')
cli.command('worker [...modules]', '').option('--show', '').option('--dry-run', '').option('--tag <name...>', '')
cli.command('resume <run> [module]', '')

function read(line: string) {
  const [name = '', ...words] = line.split(' ')
  return readArguments(findCommand(cli, name), words)
}

describe('the arguments of a command', () => {
  it('are texts as they were typed, in any order', () => {
    expect(read('run --version 1.10 007 --specs=a=b.csv --json --store -')).toEqual({
      positionals: ['007'],
      options: { version: '1.10', specs: 'a=b.csv', json: true, store: '-' },
    })
    expect(read('run m.ts -o 2026')).toEqual({ positionals: ['m.ts'], options: { output: '2026' } })
    expect(read('run --specs=-odd.csv -- --m.ts')).toEqual({ positionals: ['--m.ts'], options: { specs: '-odd.csv' } })
  })

  it('may be repeated if they are declared so, and have dashes in their names', () => {
    expect(read('worker --tag a --dry-run --tag=b').options).toEqual({ tag: ['a', 'b'], dryRun: true })
    expect(read('worker --tag a').options).toEqual({ tag: ['a'] })
  })

  it('are one for each declared one, those that are left in an array', () => {
    expect(read('resume latest').positionals).toEqual(['latest', undefined])
    expect(read('worker a.ts b.ts --show')).toEqual({ positionals: [['a.ts', 'b.ts']], options: { show: true } })
    expect(read('worker').positionals).toEqual([[]])
  })

  it.each([
    ['ru m.ts', 'Did you mean run?'],
    ['--json run m.ts', 'Expected a command before --json'],
    ['toast', 'There are run, worker, resume.'],
    ['run', 'scythe run needs <module>'],
    ['run a.ts b.ts', 'does not know what to do with b.ts'],
    ['run m.ts --spec x', 'Did you mean --specs?'],
    ['run m.ts -x', 'no option -x'],
    ['run m.ts --no-json', 'no option --no-json'],
    ['run m.ts --specs', '--specs needs a value: --specs <file>.'],
    ['run m.ts --specs --json', '--specs needs a value'],
    ['run m.ts --specs= x', '--specs needs a value'],
    ['run m.ts --json=yes', '--json takes no value, got yes.'],
    ['run m.ts --specs a --specs b', '--specs is given twice.'],
  ])('that make no sense are refused in a sentence: %s', (line, message) => {
    expect(() => read(line)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
    )
  })

  it.each(['0', '-1', '1.5', 'two', '1e3', '99999999999999999999'])('that are counts are not %s', (text) => {
    expect(() => countOption('slots', text)).toThrow(`Expected --slots to be a whole number of 1 or more, got ${text}.`)
  })
})
