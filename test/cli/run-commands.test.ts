import { describe, expect, it } from 'vitest'
import { runCommand, SOME_MODULE } from '../../src/cli/run-commands.js'

describe('a command to type', () => {
  it('includes the store if the user named it, and quotes what a shell would interpret', () => {
    expect(runCommand('resume', 'a/v1.0.0/t', undefined)).toBe('scythe resume a/v1.0.0/t')
    expect(runCommand('list', undefined, 's3://bucket/prefix')).toBe('scythe list --store s3://bucket/prefix')
    expect(runCommand('resume', 'a', "/data/Ann's runs", SOME_MODULE)).toBe(
      "scythe resume a <module> --store '/data/Ann'\\''s runs'",
    )
  })
})
