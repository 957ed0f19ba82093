import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Returns the Markdown files of the repository, by their paths from its root. */
export function markdownFiles(): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md']
  const files = execFileSync('git', list, { cwd: repository, encoding: 'utf8' }).split('\n')
  return files.filter((file) => file !== '' && existsSync(join(repository, file)))
}

export function readText(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
}

/** Returns the addresses that a text links to, those of images included. */
export function linksOf(text: string): string[] {
  const prose = withoutCode(text)
  const inline = [...prose.matchAll(/\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)/g)]
  const defined = [...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*(\S+)/gm)]
  return [...inline, ...defined].map(([, address]) => address!)
}

/** Returns whether an address is a path of this repository. */
export function isRelative(address: string): boolean {
  return !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(address)
}

/** Returns the anchors of a text's headings, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  const counts = new Map<string, number>()
  return [...withoutFences(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => {
    const words = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = words.replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replaceAll(' ', '-')
    const before = counts.get(anchor) ?? 0
    counts.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}

/** A fenced block of code. */
export interface CodeBlock {
  readonly language: string
  readonly code: string
}

export function codeBlocksOf(text: string): CodeBlock[] {
  return [...text.matchAll(/^```(\S+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => {
    return { language: language!, code: code! }
  })
}

function withoutFences(text: string): string {
  return text.replace(/^(```+|~~~+)[\s\S]*?^\1$/gm, '')
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/(`+)[^`][\s\S]*?\1/g, '')
}
