import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsOf, isRelative, linksOf, markdownFiles, readText, repository } from './markdown.js'

describe('links in Markdown', () => {
  it('leads every link in Markdown to a file and a heading that exist', () => {
    const files = markdownFiles()
    expect(files).toContain('docs/README.md')
    expect(files.flatMap(brokenLinks)).toEqual([])
  })

  it('finds links with their anchors, and none in code', () => {
    const text = 'See [a](a.md#one), ![b](<b.png>) and `[c](c.md)`.\n\n```md\n[d](d.md)\n```\n\n[e]: e.md\n'
    expect(linksOf(text)).toEqual(['a.md#one', 'b.png', 'e.md'])
  })

  it('makes the anchors of headings as GitHub does', () => {
    const text = '# One & two: `x_y`\n## A [link](a.md)\n## Same\n## Same\n```sh\n# comment\n```\n'
    expect(anchorsOf(text)).toEqual(['one--two-x_y', 'a-link', 'same', 'same-1'])
  })
})

function brokenLinks(file: string): string[] {
  return linksOf(readText(file))
    .filter(isRelative)
    .filter((address) => !leadsSomewhere(file, address))
    .map((address) => `${file}: ${address}`)
}

function leadsSomewhere(file: string, address: string): boolean {
  const [path, anchor] = address.split('#') as [string, string?]
  const target = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)))
  const place = join(repository, target)
  if (target.startsWith('..') || !existsSync(place)) return false
  if (anchor === undefined) return true
  return target.endsWith('.md') && statSync(place).isFile() && anchorsOf(readText(target)).includes(anchor)
}
