// Functions for set-up steps: the checkout's folder, stamps, one set-up at a time, quiet child processes.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lock } from './lock.js'

export const root = fileURLToPath(new URL('..', import.meta.url))

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

export function say(line) {
  process.stderr.write(`scythe: ${line}\n`)
}

/** Returns a file's text, or `undefined` if there is none. */
export function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Runs `work` while no other process does so in this checkout. */
export async function alone(work) {
  mkdirSync(`${root}.cache`, { recursive: true })
  const unlock = await lock(`${root}.cache/setup.lock`, () => say('waiting for another set-up of this checkout'))
  try {
    return await work()
  } finally {
    unlock()
  }
}

/** Runs a program in the checkout's folder. Resolves to its output, and whether it succeeded. */
export async function quietly(program, args) {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  let stopped = false
  const stop = () => {
    stopped = true
    // npm would take its time to stop. The next set-up repairs what it leaves behind.
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
