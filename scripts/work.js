// What set-up steps share: the checkout's folder, stamps, one set-up at a time, quiet child processes.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, utimes } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const lockFolder = `${root}.cache`
const lockFile = `${lockFolder}/setup.lock`
const heartbeat = 1_000
const abandonedAfter = 10_000
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

export function say(line) {
  process.stderr.write(`scythe: ${line}\n`)
}

/** A file's text, or `undefined` where there is none. */
export function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Runs `work` while nobody else does so in this checkout. A lock is kept fresh by its owner and may be taken when it is not:
 * process ids say nothing where containers share a checkout.
 */
export async function alone(work) {
  mkdirSync(lockFolder, { recursive: true })
  for (let waiting = false; !tryLock(); ) {
    if (!waiting) say('waiting for another set-up of this checkout')
    waiting = true
    if (Date.now() - lockedAt() > abandonedAfter) rmSync(lockFile, { force: true })
    await sleep(100)
  }
  const unlock = () => rmSync(lockFile, { force: true })
  const fresh = setInterval(() => utimes(lockFile, new Date(), new Date(), () => {}), heartbeat)
  process.once('exit', unlock)
  try {
    return await work()
  } finally {
    clearInterval(fresh)
    process.off('exit', unlock)
    unlock()
  }
}

/** Runs a program in the checkout's folder. Gives what it printed, and whether it ended well. */
export async function quietly(program, args) {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  let stopped = false
  const stop = () => {
    stopped = true
    // npm would take its time; what it leaves behind is set right by the next set-up
    child.kill('SIGKILL')
  }
  for (const signal of stopSignals) process.on(signal, stop)
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += `${error.message}\n`
      resolve(false)
    })
    child.once('close', (code) => resolve(code === 0))
  })
  for (const signal of stopSignals) process.off(signal, stop)
  if (stopped) process.exit(130)
  return { ok, output }
}

function tryLock() {
  try {
    closeSync(openSync(lockFile, 'wx'))
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function lockedAt() {
  return statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
}
