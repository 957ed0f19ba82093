import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fileReference, fileReferenceWithin, isFileReference } from '../../src/experiment/file-reference.js'
import type { Schema } from '../../src/experiment/schema.js'

/** They would silently name another file, or none. */
const BAD_URLS = ['file:///a#b.epw', 'file:///a?b.epw', 'file:///50%.epw', 'file://host/a', 'file:///a\nb']

const isFile = (schema: z.ZodType) => isFileReference(schema as unknown as Schema)

describe('fileReference()', () => {
  it.each([
    'weather.epw',
    './a/b.csv',
    '/abs/üñï.txt',
    'C:\\data\\x.csv',
    's3://bucket/key',
    'http://h/x',
    'https://h',
    'file:///a/b',
    'file:///a%20b/50%25.epw',
    'a#b?.epw',
    '50%.epw',
    'a:b',
  ])('accepts %s', (text) => {
    expect(fileReference().parse(text)).toBe(text)
  })

  it.each([
    '',
    'ftp://host/file',
    's3://bucket',
    's3://bucket/',
    's3:///key',
    'http://',
    'gs://b/k',
    3,
    null,
    ...BAD_URLS,
  ])('rejects %j', (value) => {
    expect(fileReference().safeParse(value).success).toBe(false)
  })

  it.each<[string, z.ZodType]>([
    ['without a wrapper', fileReference()],
    ['behind optional', fileReference().optional()],
    ['behind nullable and default', fileReference().nullable().default('a.csv')],
    ['with a description', fileReference().describe('Weather')],
    ['with metadata', fileReference().meta({ unit: 'none' })],
    [
      'with more checks',
      fileReference()
        .endsWith('.epw')
        .refine(() => true),
    ],
    ['read-only', fileReference().readonly()],
    [
      'at the end of a pipe',
      z
        .string()
        .transform((name) => `data/${name}`)
        .pipe(fileReference()),
    ],
  ])('is found %s', (_name, schema) => {
    expect(isFile(schema)).toBe(true)
  })

  it('is not found at the start of a pipe, nor in texts and lists', () => {
    expect(isFile(fileReference().pipe(z.string()))).toBe(false)
    expect(isFile(z.string())).toBe(false)
    expect(isFile(z.array(fileReference()))).toBe(false)
  })

  it('is found within other schemas, with its path', () => {
    const schema = z.object({ a: z.array(z.object({ b: fileReference() })) }) as unknown as Schema
    expect(fileReferenceWithin(schema, 'top')).toBe('top.a[].b')
    expect(fileReferenceWithin(z.object({ a: z.string() }) as unknown as Schema, 'top')).toBeUndefined()
  })
})
