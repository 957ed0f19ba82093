import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { allSettings } from '../../src/cli/unknown-variables.js'
import type { Settings } from '../../src/settings/environment.js'

const PAGE = fileURLToPath(new URL('../../docs/settings.md', import.meta.url))

const INTRO = `# Settings

Every \`SCYTHE_…\` variable. One that is empty counts as not set. Times are written \`90s\`, \`30m\`, \`1h30m\`, sizes \`512MB\`, \`20GB\`. \`scythe worker --show\` prints
the values that count, and where each comes from. A misspelt variable is pointed out.

This page is made from the declarations: \`scripts/run test test/settings/page -u\` writes it.
`

const TITLES = {
  engine: 'The engine',
  storage: 'Where runs live',
  worker: 'Workers',
  timeouts: 'Time limits',
  fetch: 'Input files from elsewhere',
  log: 'The log',
}

const CLOSINGS: Partial<Record<keyof typeof TITLES, string>> = {
  engine: '`HATCHET_CLIENT_TOKEN` names a Hatchet engine and lets this process in.',
  worker: 'A folder of experiments stands for its `index`; without one, for the modules in it.',
  timeouts: '[Timeouts](timeouts.md) says what happens then.',
}

function table(settings: Settings): string {
  const rows = Object.values(settings).map(({ variable, default: value, otherwise, text, doc }) => {
    return `| \`${variable}\` | ${otherwise ?? `\`${text(value)}\``} | ${doc} |`
  })
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

test('docs/settings.md lists every setting as it is declared', async () => {
  const groups: Readonly<Record<keyof typeof TITLES, Settings>> = allSettings()
  const sections = Object.entries(groups).map(([name, settings]) => {
    const closing = CLOSINGS[name as keyof typeof TITLES]
    return `## ${TITLES[name as keyof typeof TITLES]}\n\n${table(settings)}\n${closing ? `\n${closing}\n` : ''}`
  })
  await expect([INTRO, ...sections].join('\n')).toMatchFileSnapshot(PAGE)
})

test('each setting has its own variable and a sentence of documentation', () => {
  const all = Object.values(allSettings()).flatMap((group: Settings) => Object.values(group))
  expect(new Set(all.map(({ variable }) => variable)).size).toBe(all.length)
  expect(all.filter(({ doc }) => doc === '' || /[.|\n]$|\|/.test(doc))).toEqual([])
})
