import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'

describe('openStore', () => {
  it('opens the store at an address', () => {
    expect(openStore('s3://bucket/studies/scythe').uri).toBe('s3://bucket/studies/scythe')
    expect(openStore('s3://bucket/studies/').uri).toBe('s3://bucket/studies')
    expect(openStore('s3://bucket').uri).toBe('s3://bucket')
    expect(openStore('/data/runs').uri).toBe('file:///data/runs')
    expect(openStore('file:///data/my%20runs').localPath('a')).toBe('/data/my runs/a')
    expect(openStore('.scythe').localPath('a')).toBe(resolve('.scythe/a'))
    expect(openStore('a:b').localPath('a')).toBe(resolve('a:b/a'))
  })

  it('expands a tilde that no shell has expanded', () => {
    expect(openStore('~/runs').localPath('a')).toBe(join(homedir(), 'runs/a'))
    expect(openStore('~').localPath('a')).toBe(join(homedir(), 'a'))
    expect(openStore('~runs').localPath('a')).toBe(resolve('~runs/a'))
    expect(openStore('./~/runs').localPath('a')).toBe(resolve('~/runs/a'))
  })

  it('opens a store by the address that the store returns for itself', () => {
    for (const uri of ['s3://bucket/a b', 's3://bucket', pathToFileURL('/data/ü ?#').href]) {
      expect(openStore(uri).uri).toBe(uri)
    }
  })

  it('rejects addresses that name no store', () => {
    for (const address of [
      '',
      's3://',
      's3:///prefix',
      'gs://bucket/prefix',
      'https://host/bucket',
      'file://host/folder',
    ]) {
      const message = `Expected a store to be s3://bucket/prefix, file:///folder or a path, got ${JSON.stringify(address)}.`
      expect(() => openStore(address)).toThrow(
        expect.objectContaining({ code: 'STORE_ADDRESS_INVALID', address, message }),
      )
    }
    expect(() => openStore('s3://bucket/a//b')).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
  })

  it('loads the AWS SDK at the first request only', async () => {
    const script = `
      import { createRequire } from 'node:module'
      import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/open.ts'))}
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('@aws-sdk'))
      const store = openStore('s3://bucket/prefix')
      const before = loaded()
      await store.get('a').catch(() => {})
      console.log(JSON.stringify([before, loaded()]))`
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    }
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    expect(JSON.parse(stdout)).toEqual([false, true])
  })
})
