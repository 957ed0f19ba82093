import { z } from 'zod'
import { ExperimentRegistry } from '../../src/index.js'

const wall = z.object({ area: z.number(), name: z.string().nullable() })

/** A field of every kind, and the same again in the output. */
const fields = {
  number: z.number(),
  maybe_number: z.number().nullable(),
  integer: z.int(),
  maybe_integer: z.int().nullable(),
  text: z.string(),
  maybe_text: z.string().nullable(),
  choice: z.enum(['a', 'b']),
  flag: z.boolean(),
  maybe_flag: z.boolean().nullable(),
  day: z.iso.date(),
  time: z.date(),
  never: z.number().nullable(),
  items: z.array(z.number()),
  wall,
}

const input = z.object(fields)
const output = z.object({
  out_number: fields.number,
  out_maybe_number: fields.maybe_number,
  out_integer: fields.integer,
  out_maybe_integer: fields.maybe_integer,
  out_text: fields.text,
  out_maybe_text: fields.maybe_text,
  out_choice: fields.choice,
  out_flag: fields.flag,
  out_maybe_flag: fields.maybe_flag,
  out_day: fields.day,
  out_time: fields.time,
  out_never: fields.never,
  out_items: fields.items,
  out_wall: fields.wall,
})

export const echoKinds = ExperimentRegistry.register({ input, output })(function echoKinds(spec) {
  const echo = Object.entries(spec).map(([name, value]) => [`out_${name}`, value])
  return Object.fromEntries(echo) as z.input<typeof output>
})

export const KINDS: readonly z.input<typeof input>[] = [
  {
    number: 0.5,
    maybe_number: null,
    integer: 1,
    maybe_integer: null,
    text: 'a',
    maybe_text: null,
    choice: 'a',
    flag: true,
    maybe_flag: null,
    day: '2024-02-29',
    time: new Date('2024-02-29T12:30:15.123Z'),
    never: null,
    items: [],
    wall: { area: 1, name: null },
  },
  {
    number: 2,
    maybe_number: 1.5,
    integer: -7,
    maybe_integer: 2 ** 53 - 1,
    text: '',
    maybe_text: 'é',
    choice: 'b',
    flag: false,
    maybe_flag: true,
    day: '1969-12-31',
    time: new Date('1969-12-31T23:59:59Z'),
    never: null,
    items: [1, 2.5],
    wall: { area: 2.5, name: 'south' },
  },
]
