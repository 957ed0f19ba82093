import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Reporter, TestModule, TestSuite } from 'vitest/node'
import { leftOutFile } from './left-out.js'

/** The last lines of a test run: which suites were left out and why, then `N passed, N failed` as counted. */
export class CountReporter implements Reporter {
  #notes = ''

  onInit(): void {
    this.#notes = join(mkdtempSync(join(tmpdir(), 'scythe-test-')), 'left-out')
    writeFileSync(this.#notes, '')
    process.env[leftOutFile] = this.#notes
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++
      for (const suite of [module, ...module.children.allSuites()]) if (failedItself(suite)) count.failed++
    }
    const lines = leftOutSuites(this.#notes).map((line) => `left out: ${line}`)
    lines.push(
      `${count.passed} passed, ${count.failed + count.pending} failed${count.skipped ? `, ${count.skipped} skipped` : ''}`,
    )
    // after every other reporter's last word
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`))
    rmSync(dirname(this.#notes), { recursive: true })
  }
}

/** A file that could not be loaded, or a hook that threw: no test of it counts as failed. */
function failedItself(suite: TestModule | TestSuite): boolean {
  return suite.errors().length > 0
}

function leftOutSuites(file: string): string[] {
  return [...new Set(readFileSync(file, 'utf8').split('\n'))].filter((line) => line !== '').sort()
}
