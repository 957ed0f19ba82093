import { describe, expect, it } from 'vitest'
import { runCommand, SOME_MODULE } from '../../src/cli/run-commands.js'

describe('a command to be typed', () => {
  it('names the store if the user did, and quotes what a shell would read otherwise', () => {
    expect(runCommand('resume', 'a/v1.0.0/t', undefined)).toBe('scythe resume a/v1.0.0/t')
    expect(runCommand('list', undefined, 's3://bucket/prefix')).toBe('scythe list --store s3://bucket/prefix')
    expect(runCommand('resume', 'a', "/data/Ann's runs", SOME_MODULE)).toBe(
      "scythe resume a <module> --store '/data/Ann'\\''s runs'",
    )
  })
})
