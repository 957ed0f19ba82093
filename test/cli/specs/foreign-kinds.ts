import { z } from 'zod'

/** A kind of field that a column may be meant for, as it stands in the documentation, and the value of the first row. */
export interface Meant {
  readonly field: string
  readonly schema: z.ZodType
  readonly value: unknown
}

const AT = new Date('2024-02-29T12:30:15.250Z')
const TWO_HOURS = 7_200_000

const kind = (field: string, schema: z.ZodType, value: unknown): Meant => ({ field, schema, value })
const int = (value: number) => kind('z.int()', z.int(), value)
const big = (value: bigint) => kind('z.bigint()', z.bigint(), value)
const number = (value: number) => kind('z.number()', z.number(), value)
const flag = kind('z.boolean()', z.boolean(), true)
const text = (value: string) => kind('z.string()', z.string(), value)
const day = kind('z.iso.date()', z.iso.date(), '2024-02-29')
const clock = kind('z.iso.time()', z.iso.time(), '07:05:09.25')
const time = (at: Date) => kind('z.date()', z.date(), at)
const isoTime = (at: Date) => kind('z.iso.datetime()', z.iso.datetime(), at.toISOString())
const list = kind('z.array(z.number())', z.array(z.number()), [1.5, 2])
const object = kind('z.object({ u: z.number() })', z.looseObject({ u: z.number() }), { u: 1.5 })

/** What the columns of each name are meant for. The first pattern that fits counts. */
export const KINDS: readonly (readonly [RegExp, ...Meant[]])[] = [
  [/^int_big$/, int(2 ** 53 + 1)],
  [/^(int64_big)$/, big(2n ** 53n + 1n)],
  [/^uint64_big$/, big(2n ** 64n - 1n)],
  [/^HUGEINT$/, big(2n ** 127n - 1n)],
  [/^(u?int|U?Int|TINYINT|UBIGINT)/, int(1)],
  [/float64_nan/, number(Number.NaN)],
  [/float64_inf/, number(Number.POSITIVE_INFINITY)],
  [/float64/, number(0.1 + 0.2)],
  [/float/i, number(0.5)],
  [/bool/i, flag],
  [/category|dictionary|categorical|enum/i, text('a')],
  [/uuid/i, text('00112233-4455-6677-8899-aabbccddeeff')],
  [/^error$/, text('#N/A')],
  [/^formula$/, int(2)],
  [/^(nothing|null)$/i, kind('z.string().nullable()', z.string(), null)],
  [/binary_bytes/, text('')],
  [/fixed_binary/, text('abcd')],
  [/^BLOB$/, text('abc')],
  [/string|^str$|object|binary|bytes|varchar/i, text('Köln')],
  [/timestamp_s$/, time(new Date('2024-02-29T12:30:15Z')), isoTime(new Date('2024-02-29T12:30:15Z'))],
  [/datetime_day$/, time(new Date('2024-02-29')), isoTime(new Date('2024-02-29')), day],
  [/^Datetime_zone$/, time(new Date(AT.getTime() - TWO_HOURS / 2)), isoTime(new Date(AT.getTime() - TWO_HOURS / 2))],
  [/datetime_zone$/, time(new Date(AT.getTime() - TWO_HOURS)), isoTime(new Date(AT.getTime() - TWO_HOURS))],
  [/TIMESTAMPTZ/, time(new Date(AT.getTime() - TWO_HOURS)), isoTime(new Date(AT.getTime() - TWO_HOURS))],
  [/timestamp|datetime/i, time(AT), isoTime(AT)],
  [/^date/i, day, time(new Date('2024-02-29'))],
  [/^(time|clock)(32|64)?$/i, clock],
  [/duration|interval|timedelta/i, text('26:30:00'), number(1.104166)],
  [/decimal_long/, number(12345678901234567000)],
  [/decimal/i, number(1.5)],
  [/list_nulls/, kind('z.array(z.number().nullable())', z.array(z.number().nullable()), [1.5, null])],
  [/list_list/, kind('z.array(z.array(z.int()))', z.array(z.array(z.int())), [[1], []])],
  [
    /list_struct/,
    kind('z.array(z.object({ u: z.number() }).nullable())', z.array(z.object({ u: z.number() }).nullable()), [
      { u: 1.5 },
      null,
    ]),
  ],
  [/list|array/i, list],
  [/map/i, kind('z.record(z.string(), z.int())', z.record(z.string(), z.int()), { a: 1 })],
  [/struct|dict|json/i, object],
]
