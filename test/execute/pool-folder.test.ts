import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { makePoolFolder, sweepPoolFolders } from '../../src/execute/pool/pool-folder.js'
import { temporaryFolder } from '../support/folders.js'

/** A name that a process would have given its folder. */
function renamed(own: string, change: Record<number, string>): string {
  return own
    .split('-')
    .map((part, i) => change[i] ?? part)
    .join('-')
}

/** The id of a process that is gone. */
async function goneProcess(): Promise<string> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return String(child.pid)
}

test('only the folder of a pool whose process is gone is swept', async () => {
  const root = await temporaryFolder()
  const own = basename(makePoolFolder(root))
  const pid = await goneProcess()
  const gone = renamed(own, { 2: pid })
  const reused = renamed(own, { 3: '1' })
  const elsewhere = renamed(own, { 1: '00000000', 2: pid })
  for (const name of [gone, reused, elsewhere, `scythe-${pid}`]) {
    mkdirSync(join(root, name, '0'), { recursive: true })
    writeFileSync(join(root, name, '0', 'status'), '')
  }
  const [file, link] = [renamed(gone, { 4: 'abcdef' }), renamed(gone, { 4: 'ghijkl' })]
  writeFileSync(join(root, file), 'not a folder')
  symlinkSync(join(root, elsewhere), join(root, link))
  await sweepPoolFolders(root)
  expect(readdirSync(root).sort()).toEqual([own, elsewhere, `scythe-${pid}`, file, link].sort())
})
