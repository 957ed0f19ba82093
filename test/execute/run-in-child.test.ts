import { expect, test } from 'vitest'
import type { Batch, FinishedRows } from '../../src/execute/executor.js'
import type { ChildProcess } from '../../src/execute/pool/child-process.js'
import { type RunHost, runInChild } from '../../src/execute/pool/run-in-child.js'
import type { FromProcess, ToProcess } from '../../src/execute/protocol.js'
import { idleStatus } from './support.js'

/** A process of which the test plays the part. */
function playedProcess() {
  const sent: ToProcess['type'][] = []
  let say: (message: FromProcess) => void = () => {}
  const status = { ...idleStatus }
  const child: ChildProcess = {
    send: ({ type }) => void sent.push(type),
    listen(listener) {
      say = listener
    },
    status: () => status,
    kill() {},
    leave() {},
    isEnding: false,
    exited: new Promise(() => {}),
    onExit() {},
    owed: 0,
    async removeFolder() {},
  }
  return { child, sent, say: (message: FromProcess) => say(message) }
}

const order = { batch: {} as Batch, next: 0, end: 2, known: [], alone: false, careful: false, exact: true }
const limits = { executionTimeout: 1000, retries: 0, isolation: 'slot' as const }
const turn = () => new Promise(setImmediate)

function rows(start: number): FinishedRows {
  return { start, end: start + 1, results: 1, errors: 0, parts: {}, files: [] }
}

/** A host that keeps rows when the test says so. */
function slowHost() {
  const asked: number[] = []
  const settle: { keep(): void; fail(error: Error): void }[] = []
  const failures: unknown[] = []
  const host: RunHost = {
    readSpecs: () => Promise.reject(new Error('not asked for here')),
    fetchFile: async (uri) => uri,
    onLeft() {},
    keep: ({ start }) =>
      new Promise((resolve, reject) => {
        asked.push(start)
        settle.push({ keep: resolve, fail: reject })
      }),
    onStatus() {},
    fail: (reason) => void failures.push(reason),
    signal: new AbortController().signal,
  }
  return { host, asked, settle, failures }
}

test('rows are stored part by part, and the process is free before the last part is stored', async () => {
  const { child, sent, say } = playedProcess()
  const { host, asked, settle } = slowHost()
  const run = runInChild(child, order, limits, host)
  say({ type: 'rows', rows: rows(0) })
  say({ type: 'rows', rows: rows(1) })
  say({ type: 'done', seconds: 3 })
  const { kept, ...end } = await run
  expect(end).toEqual({ type: 'done', seconds: 3 })
  expect([asked, sent]).toEqual([[0], ['run']])
  settle[0]!.keep()
  await turn()
  expect([asked, sent]).toEqual([
    [0, 1],
    ['run', 'taken'],
  ])
  settle[1]!.keep()
  await kept
  expect(sent).toEqual(['run', 'taken', 'taken'])
})

test('a process whose folder holds files of its rows is not free before they are stored', async () => {
  const { child, say } = playedProcess()
  const { host, settle } = slowHost()
  let isFree = false
  const run = runInChild(child, order, limits, host).finally(() => {
    isFree = true
  })
  say({ type: 'rows', rows: { ...rows(0), files: [{ key: 'results/a/b/0.csv', path: '/nowhere' }] } })
  say({ type: 'done', seconds: 3 })
  await turn()
  expect(isFree).toBe(false)
  settle[0]!.keep()
  expect(await run).toMatchObject({ type: 'done' })
})

test('if rows cannot be stored, later rows are not stored, and the process is not left waiting', async () => {
  const { child, sent, say } = playedProcess()
  const { host, asked, settle, failures } = slowHost()
  const run = runInChild(child, order, limits, host)
  say({ type: 'rows', rows: rows(0) })
  say({ type: 'rows', rows: rows(1) })
  await turn()
  const full = new Error('disk full')
  settle[0]!.fail(full)
  await turn()
  expect([asked, sent]).toEqual([[0], ['run', 'taken', 'taken']])
  expect(failures[0]).toBe(full)
  say({ type: 'stopped' })
  expect(await run).toMatchObject({ type: 'stopped' })
})
