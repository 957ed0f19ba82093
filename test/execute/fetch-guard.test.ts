import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addressKind, createFetchGuard } from '../../src/execute/fetch/guard.js'

it.each([
  ['8.8.8.8', undefined],
  ['2606:4700::1111', undefined],
  ['127.8.9.1', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::', 'loopback'],
  ['::ffff:10.0.0.1', 'private'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', undefined],
  ['100.127.0.1', 'private'],
  ['fd12::1', 'private'],
  ['fe80::1', 'link-local'],
  ['fd00:ec2::254', 'metadata'],
  ['169.254.170.2', 'metadata'],
  ['169.254.0.1', 'link-local'],
  ['64:ff9b::a00:1', 'special'],
  ['224.0.0.1', 'special'],
])('%s is %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind)
})

it('an allowed host does not open addresses that hand out credentials', () => {
  const guard = createFetchGuard({ allow: ['files.lan', 'fe80::1'], s3: 'minio.lan:9000' })
  expect(guard.refusal('10.0.0.7', 'files.lan', '80')).toBeUndefined()
  expect(guard.refusal('10.0.0.7', 'Files.LAN', '80')).toBeUndefined()
  expect(guard.refusal('169.254.169.254', 'files.lan', '80')).toContain(
    'files.lan (169.254.169.254) is a metadata address',
  )
  expect(guard.refusal('10.0.0.7', 'minio.lan', '9000')).toBeUndefined()
  expect(guard.refusal('10.0.0.7', 'minio.lan', '9001')).toContain('private')
  expect(guard.refusal('fe80::1', 'fe80::1', '80')).toBeUndefined()
})

it('every IPv4 address is judged alike when it is written as IPv6', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(addressKind(`::ffff:${address}`)).toBe(addressKind(address))
    }),
  )
})
