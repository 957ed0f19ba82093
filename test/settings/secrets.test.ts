import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hideSecrets } from '../../src/settings/secrets.js'

it.each([
  ['see https://me:pw@host/a, please', 'see https://***@host/a, please'],
  ['https://token@host/a@b', 'https://***@host/a@b'],
  ['https://h/a?x=1&X-Amz-Signature=f00&y=2', 'https://h/a?x=1&X-Amz-Signature=***&y=2'],
  ['https://h/a?sv=1&sig=f%2B0#part', 'https://h/a?sv=1&sig=***#part'],
  [
    'https://h/a?X-Amz-Credential=AK%2F1&X-Amz-Security-Token=t',
    'https://h/a?X-Amz-Credential=***&X-Amz-Security-Token=***',
  ],
  ['https://h/a?api_key=k', 'https://h/a?api_key=***'],
  ['s3://bucket/key?part=1', 's3://bucket/key?part=1'],
  ['me@example.com and a=b', 'me@example.com and a=b'],
])('%s is shown as %s', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown)
})

it('no password remains in any address that is shown', () => {
  fc.assert(
    fc.property(fc.webUrl(), fc.string({ unit: fc.constantFrom(...'abc%:!$*+,;=.~-_'), minLength: 1 }), (url, word) => {
      const secret = `Q${word}Q`
      expect(hideSecrets(url.replace('//', `//user:${secret}@`))).not.toContain(secret)
    }),
  )
})
