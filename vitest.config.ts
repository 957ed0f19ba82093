import { defineConfig } from 'vitest/config'
import { lowerDecorators } from './test/support/lower-decorators.js'
import { CountReporter } from './test/support/reporter.js'

export default defineConfig({
  plugins: [lowerDecorators()],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/build-dist.ts',
    reporters: ['default', new CountReporter()],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})
