import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { lowerDecorators } from './test/support/lower-decorators.js'
import { CountReporter } from './test/support/reporter.js'

export default defineConfig({
  plugins: [lowerDecorators()],
  // experiments import the package by its name: here they get the copy that the tests import
  resolve: { alias: { 'scythe-engine': fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/build-dist.ts',
    reporters: ['default', new CountReporter()],
    pool: 'forks',
    maxWorkers: 2,
    // They end what hangs, and nothing that is slow because the machine is busy.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
