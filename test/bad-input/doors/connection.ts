import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readConnection } from '../../../src/engine/connection.js'
import { markOf } from '../../../src/settings/processes.js'
import type { Door } from '../door.js'

interface Given {
  readonly text?: string
  /** Fields that are others than they should be. */
  readonly fields?: object
  readonly mode?: number
  readonly isLink?: boolean
}

const FILE = '.scythe/engine.json'

export const connectionDoor: Door<Given> = {
  title: '`.scythe/engine.json`',
  code: 'ENGINE_UNAVAILABLE',
  take({ text, fields, mode = 0o600, isLink }) {
    const good = { token: 'abc', grpcAddress: '127.0.0.1:7070', apiUrl: 'http://localhost:8080' }
    const whole = { ...good, pid: process.pid, mark: markOf(process.pid), ...fields }
    mkdirSync('.scythe')
    writeFileSync(FILE, text ?? JSON.stringify(whole), { mode })
    chmodSync(FILE, mode)
    if (isLink) {
      renameSync(FILE, '.scythe/other.json')
      symlinkSync('other.json', FILE)
    }
    const said: string[] = []
    const { write } = process.stderr
    process.stderr.write = ((line: string) => said.push(line) > 0) as typeof write
    try {
      const found = readConnection()
      if (!found)
        throw Object.assign(new Error(said.join('').trim() || 'It is as if it were not there.'), {
          code: 'passed over',
        })
    } finally {
      process.stderr.write = write
      rmSync('.scythe', { recursive: true })
    }
  },
  cases: [
    {
      what: 'a file that is cut off',
      given: { text: '{"token": "a' },
      exit: 1,
      says: 'The engine embedded cannot be used: the way to it, .scythe/engine.json, cannot be read (Unterminated string in JSON at position 12). Remove the file, or set SCYTHE_ENGINE=local or HATCHET_CLIENT_TOKEN.',
    },
    {
      what: 'an empty file',
      given: { text: '' },
      exit: 1,
      says: 'The engine embedded cannot be used: the way to it, .scythe/engine.json, cannot be read (Unexpected end of JSON input). Remove the file, or set SCYTHE_ENGINE=local or HATCHET_CLIENT_TOKEN.',
    },
    {
      what: 'a list',
      given: { text: '[]' },
      exit: 1,
      says: 'The engine embedded cannot be used: the way to it, .scythe/engine.json, cannot be read (Invalid input: expected object, received array). Remove the file, or set SCYTHE_ENGINE=local or HATCHET_CLIENT_TOKEN.',
    },
    {
      what: 'no token',
      given: { fields: { token: undefined } },
      exit: 1,
      says: 'The engine embedded cannot be used: the way to it, .scythe/engine.json, cannot be read (token: Invalid input: expected string, and it is missing). Remove the file, or set SCYTHE_ENGINE=local or HATCHET_CLIENT_TOKEN.',
    },
    {
      what: 'a process that is not a number',
      given: { fields: { pid: 'me' } },
      exit: 1,
      says: 'The engine embedded cannot be used: the way to it, .scythe/engine.json, cannot be read (pid: Invalid input: expected number, received string). Remove the file, or set SCYTHE_ENGINE=local or HATCHET_CLIENT_TOKEN.',
    },
    {
      what: 'a file that others may read',
      given: { mode: 0o644 },
      code: 'passed over',
      exit: 1,
      says: 'scythe: .scythe/engine.json is passed over: others may open it (its mode is not 600). Remove it if no worker of yours left it there.',
    },
    {
      what: 'a link',
      given: { isLink: true },
      code: 'passed over',
      exit: 1,
      says: 'scythe: .scythe/engine.json is passed over: it is a link. Remove it if no worker of yours left it there.',
    },
    {
      what: 'an engine on another machine',
      given: { fields: { grpcAddress: 'evil.example:7070' } },
      code: 'passed over',
      exit: 1,
      says: 'scythe: .scythe/engine.json is passed over: it names an engine on another machine (evil.example:7070, http://localhost:8080). Remove it if no worker of yours left it there.',
    },
    {
      what: 'an address that only begins as this machine does',
      given: { fields: { apiUrl: 'http://127.0.0.1@evil.example/' } },
      code: 'passed over',
      exit: 1,
      says: 'scythe: .scythe/engine.json is passed over: it names an engine on another machine (127.0.0.1:7070, http://***@evil.example/). Remove it if no worker of yours left it there.',
    },
    {
      what: 'a process that has ended',
      given: { fields: { pid: 2 ** 30, mark: 'x' } },
      code: 'passed over',
      exit: 1,
      says: 'It is as if it were not there.',
    },
    {
      what: 'the mark of another process',
      given: { fields: { mark: 'planted' } },
      code: 'passed over',
      exit: 1,
      says: 'It is as if it were not there.',
    },
  ],
}
