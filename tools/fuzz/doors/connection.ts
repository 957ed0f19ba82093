import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConnection } from '../../../src/engine/connection.js'
import { markOf } from '../../../src/settings/processes.js'
import { type Door, RuleBroken } from '../door.js'
import { damaged } from '../mutate.js'
import { damagedValue } from '../mutate-value.js'

/** What stands for this process, whose id is another one each time. */
const [PID, MARK] = [987_654_321, 'the mark']
const GOOD = { token: 'abc', grpcAddress: '127.0.0.1:7070', apiUrl: 'http://localhost:8080', pid: PID, mark: MARK }
const WORDS = [
  '127.0.0.1',
  '127.0.0.1@evil.example',
  '[::1]',
  'evil.example#127.0.0.1',
  '\\',
  '%31',
  '0x7f.1',
  ':7070/',
]

let entered = false

export const connection: Door = {
  name: 'connection',
  title: '.scythe/engine.json',
  codes: ['ENGINE_UNAVAILABLE'],
  make(random) {
    if (random.chance(0.3)) return Buffer.from(JSON.stringify(damagedValue(GOOD, random)))
    return damaged(Buffer.from(JSON.stringify(GOOD)), random, { words: WORDS })
  },
  async take(input) {
    enterFolder()
    const own = Buffer.from(input)
      .toString('latin1')
      .replace(String(PID), String(process.pid))
      .replace(MARK, markOf(process.pid) ?? '')
    writeFileSync('.scythe/engine.json', Buffer.from(own, 'latin1'))
    const found = readConnection()
    for (const address of found ? [`http://${found.grpcAddress}`, found.apiUrl] : []) {
      if (!/^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(new URL(address).hostname))
        throw new RuleBroken(`${address} was taken for this machine's`)
    }
  },
}

/** The file is looked for where the process stands. */
function enterFolder(): void {
  if (entered) return
  entered = true
  const folder = mkdtempSync(join(tmpdir(), 'scythe-fuzz-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.chdir(folder)
  mkdirSync('.scythe')
  writeFileSync('.scythe/engine.json', '')
  chmodSync('.scythe/engine.json', 0o600)
}
