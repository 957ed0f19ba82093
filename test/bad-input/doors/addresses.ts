import { fetchUri } from '../../../src/execute/fetch/fetch.js'
import { createFetchGuard } from '../../../src/execute/fetch/guard.js'
import { servedStores } from '../../../src/scatter/served.js'
import { fetchSettings, ownFetchSettings } from '../../../src/settings/fetch.js'
import { checkKey } from '../../../src/store/key.js'
import { openStore } from '../../../src/store/open.js'
import type { Door } from '../door.js'

type Given =
  | { readonly store: string }
  | { readonly key: string }
  | { readonly fetch: string; readonly own?: boolean }
  | { readonly served: string }

export const addressesDoor: Door<Given> = {
  title: 'Addresses',
  code: 'FILE_UNAVAILABLE',
  async take(given, folder) {
    if ('store' in given) openStore(given.store)
    else if ('key' in given) checkKey(given.key)
    else if ('served' in given) await servedStores(['s3://ours/prefix']).check(given.served)
    else {
      const settings = given.own ? ownFetchSettings({}) : fetchSettings({})
      createFetchGuard(settings)
      await fetchUri(given.fetch, `${folder}/fetched`, settings)
    }
  },
  cases: [
    {
      what: 'a store without an address',
      given: { store: '' },
      code: 'STORE_ADDRESS_INVALID',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "".',
    },
    {
      what: 'a store on the web',
      given: { store: 'https://host/store' },
      code: 'STORE_ADDRESS_INVALID',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "https://host/store".',
    },
    {
      what: 'a store in a bucket without a name',
      given: { store: 's3:///prefix' },
      code: 'STORE_ADDRESS_INVALID',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "s3:///prefix".',
    },
    {
      what: 'a store on another machine',
      given: { store: 'file://host/store' },
      code: 'STORE_ADDRESS_INVALID',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "file://host/store".',
    },
    {
      what: 'a key that leaves its folder',
      given: { key: 'a/../../b' },
      code: 'KEY_INVALID',

      says: 'Expected a key without . and .. as names, got "a/../../b".',
    },
    {
      what: 'a key from the top',
      given: { key: '/etc/passwd' },
      code: 'KEY_INVALID',

      says: 'Expected a key of names joined by single slashes, none at its ends, got "/etc/passwd".',
    },
    {
      what: 'a key with a backslash',
      given: { key: 'a\\b' },
      code: 'KEY_INVALID',

      says: 'Expected a key without backslashes and control characters, got "a\\\\b".',
    },
    {
      what: 'a key with a line end',
      given: { key: 'a\nb' },
      code: 'KEY_INVALID',

      says: 'Expected a key without backslashes and control characters, got "a\\nb".',
    },
    {
      what: 'a key among what is unfinished',
      given: { key: '.unfinished/a' },
      code: 'KEY_INVALID',

      says: 'Expected a key that does not start with .unfinished/, got ".unfinished/a".',
    },
    {
      what: 'a file of a kind that is not known',
      given: { fetch: 'gopher://host/a' },
      exit: 1,
      says: 'Could not fetch gopher://host/a: only http, https and file addresses can be fetched here.',
    },
    {
      what: 'a file on a loopback address, for a worker',
      given: { fetch: 'http://127.0.0.1:8080/a' },
      exit: 1,
      says: 'Could not fetch http://127.0.0.1:8080/a: 127.0.0.1 is a loopback address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as loopback, 127.0.0.1 or a network).',
    },
    {
      what: 'a file on a loopback address in other figures',
      given: { fetch: 'http://0x7f.1:8080/a' },
      exit: 1,
      says: 'Could not fetch http://0x7f.1:8080/a: 127.0.0.1 is a loopback address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as loopback, 127.0.0.1 or a network).',
    },
    {
      what: 'a file on an address of zeros',
      given: { fetch: 'http://0.0.0.0:8080/a' },
      exit: 1,
      says: 'Could not fetch http://0.0.0.0:8080/a: 0.0.0.0 is a loopback address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as loopback, 0.0.0.0 or a network).',
    },
    {
      what: 'a file on a private address, for a worker',
      given: { fetch: 'http://10.1.2.3/a' },
      exit: 1,
      says: 'Could not fetch http://10.1.2.3/a: 10.1.2.3 is a private address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as private, 10.1.2.3 or a network).',
    },
    {
      what: 'a file on a link-local address',
      given: { fetch: 'http://[fe80::1]/a', own: true },
      exit: 1,
      says: 'Could not fetch http://[fe80::1]/a: fe80::1 is a link-local address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as link-local, fe80::1 or a network).',
    },
    {
      what: 'a file on a metadata address, even of the own user',
      given: { fetch: 'http://169.254.169.254/a', own: true },
      exit: 1,
      says: 'Could not fetch http://169.254.169.254/a: 169.254.169.254 is a metadata address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as metadata, 169.254.169.254 or a network).',
    },
    {
      what: 'a file on an address of IPv4 within IPv6',
      given: { fetch: 'http://[::ffff:127.0.0.1]:8080/a' },
      exit: 1,
      says: 'Could not fetch http://[::ffff:127.0.0.1]:8080/a: ::ffff:7f00:1 is a loopback address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as loopback, ::ffff:7f00:1 or a network).',
    },
    {
      what: 'a password in an address that is refused',
      given: { fetch: 'http://me:secret@10.1.2.3/a?token=abc' },
      exit: 1,
      says: 'Could not fetch http://***@10.1.2.3/a?token=***: 10.1.2.3 is a private address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as private, 10.1.2.3 or a network).',
    },
    {
      what: 'a store that a worker does not serve',
      given: { served: 's3://theirs/prefix' },
      code: 'TASK_FORBIDDEN',
      says: 'The task is refused: the store "s3://theirs/prefix" is not one that this worker serves. Start the worker with SCYTHE_STORAGE_… for it, or name its store in SCYTHE_WORKER_STORES as well.',
    },
    {
      what: 'a store beside the one that a worker serves',
      given: { served: 's3://ours/prefix-2' },
      code: 'TASK_FORBIDDEN',
      says: 'The task is refused: the store "s3://ours/prefix-2" is not one that this worker serves. Start the worker with SCYTHE_STORAGE_… for it, or name its store in SCYTHE_WORKER_STORES as well.',
    },
    {
      what: 'a folder of a worker',
      given: { served: 'file:///etc' },
      code: 'TASK_FORBIDDEN',
      says: 'The task is refused: the store "file:///etc" is not one that this worker serves. Start the worker with SCYTHE_STORAGE_… for it, or name its store in SCYTHE_WORKER_STORES as well.',
    },
  ],
}
