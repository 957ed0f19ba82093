import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files that `docker build` would be sent from a checkout: what git knows or would take, less what .dockerignore leaves out. */
export function contextFiles(checkout: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
    encoding: 'utf8',
  })
  const ignored = ignores(readFileSync(join(checkout, '.dockerignore'), 'utf8'))
  return listed.split('\0').filter((file) => file !== '' && !ignored(file) && existsSync(join(checkout, file)))
}

/** Tells for a file whether a .dockerignore leaves it out. The last line that fits the file or a folder above it decides. */
export function ignores(dockerignore: string): (file: string) => boolean {
  const rules = dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ ignore: !line.startsWith('!'), pattern: expressionFor(line.replace(/^!/, '')) }))
  return (file) => rules.findLast(({ pattern }) => pattern.test(file))?.ignore ?? false
}

/** `*` and `?` stay within a name, `**` is any number of folders. */
function expressionFor(pattern: string): RegExp {
  const source = pattern
    .replace(/^\/|\/$/g, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*|\?/g, (wildcard) => ({ '**/': '(.*/)?', '*': '[^/]*', '?': '[^/]' })[wildcard]!)
  return new RegExp(`^${source}(/|$)`)
}
