import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reporter, TestModule, TestSuite } from 'vitest/node'
import { leftOutFile } from './left-out.js'

/** The last lines of a test run: which suites were left out and why, then `N passed, N failed` as counted. */
export class CountReporter implements Reporter {
  #lines: string[] = []
  #notes = ''

  onInit(): void {
    const folder = mkdtempSync(join(tmpdir(), 'scythe-test-'))
    this.#notes = join(folder, 'left-out')
    process.env[leftOutFile] = this.#notes
    // after every other reporter's last word
    process.once('exit', () => {
      rmSync(folder, { recursive: true })
      process.stdout.write(this.#lines.map((line) => `${line}\n`).join(''))
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++
      for (const suite of [module, ...module.children.allSuites()]) if (failedItself(suite)) count.failed++
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
    this.#lines = leftOutSuites(this.#notes).map((line) => `left out: ${line}`)
    this.#lines.push(`${count.passed} passed, ${count.failed + count.pending} failed${skipped}`)
  }
}

/** A file that could not be loaded, or a hook that threw: no test of it counts as failed. */
function failedItself(suite: TestModule | TestSuite): boolean {
  return suite.errors().length > 0
}

function leftOutSuites(file: string): string[] {
  return existsSync(file) ? [...new Set(readFileSync(file, 'utf8').trimEnd().split('\n'))].sort() : []
}
