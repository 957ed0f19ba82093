// biome-ignore-all lint/suspicious/noThenProperty: hostile
import { type Deed, type Deeds, error, FAILED, forever, INVALID, overtime, returned } from '../deed.js'

const refuse = (): never => {
  throw new Error('not for you')
}

/** Returns a good result with something else in it. */
const withField = (right: Deed['right'], codes: readonly string[], make: () => object): Deed =>
  returned(right, codes, (healthy) => ({ ...(healthy() as object), ...make() }))

const UNFIT = [...INVALID, ...FAILED]

const deep = (levels: number) => {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

export const returnsDeeds: Deeds = {
  'return undefined': error(INVALID, () => undefined),
  'return null': error(INVALID, () => null),
  'return a text': error(INVALID, () => 'text'),
  'return a promise of a revoked proxy': error(UNFIT, async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return { number: 1, check: 'x', any: proxy }
  }),
  'return a revoked proxy': error(UNFIT, () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }),
  'return a proxy of a good result': returned('either', UNFIT, (healthy) => new Proxy(healthy() as object, {})),
  'return a promise that rejects with nothing': error(FAILED, () => Promise.reject()),
  'return a thenable that never settles': overtime(() => ({ then() {} })),
  'return a promise that never settles': overtime(forever),
  'return a thenable that settles twice': returned('result', [], (healthy) => ({
    then(resolve: (value: unknown) => void, reject: (reason: unknown) => void) {
      resolve(healthy())
      resolve({ number: -1 })
      reject(new Error('too late'))
    },
  })),
  'return a thenable that settles and throws': returned('result', [], (healthy) => ({
    then(resolve: (value: unknown) => void) {
      resolve(healthy())
      throw new Error('too late')
    },
  })),
  'return an object whose then throws': error(FAILED, () => ({
    get then() {
      return refuse()
    },
  })),
  'return a thenable of thenables without end': overtime(() => {
    const next = (): object => ({ then: (resolve: (value: unknown) => void) => setImmediate(() => resolve(next())) })
    return next()
  }),
  'return an object whose getter throws': error(UNFIT, () => ({
    number: 1,
    get check() {
      return refuse()
    },
  })),
  'return an object whose getter changes': returned('either', UNFIT, (healthy) => {
    let reads = 0
    const { check, ...others } = healthy() as { check: string }
    return Object.defineProperty(others, 'check', { enumerable: true, get: () => (reads++ === 0 ? check : reads) })
  }),
  'return a BigInt within JSON': withField('error', UNFIT, () => ({ any: { a: [1n] } })),
  'return a BigInt put in afterwards': withField('either', UNFIT, () => {
    const any: Record<string, unknown> = { a: 1 }
    queueMicrotask(() => {
      any.a = 1n
    })
    return { any }
  }),
  'return a BigInt put in a turn later': withField('either', UNFIT, () => {
    const any: Record<string, unknown> = { a: 1 }
    setImmediate(() => {
      any.a = 1n
    })
    return { any }
  }),
  'return a circle': withField('error', UNFIT, () => {
    const any: Record<string, unknown> = {}
    any.self = any
    return { any }
  }),
  'return 1,000,000 levels': withField('error', UNFIT, () => ({ any: deep(1e6) })),
  'return 5,000 levels': withField('either', UNFIT, () => ({ any: deep(5000) })),
  'return a text of 200 MB': { ...withField('either', [], () => ({ text: 't'.repeat(200e6) })), slow: true },
  'return text that is not well formed': withField('error', UNFIT, () => ({ text: 'a\ud800b' })),
  'return JSON that is not well formed': withField('error', UNFIT, () => ({ any: { text: '\udc00' } })),
  'return a key that is not well formed': withField('error', UNFIT, () => ({ any: { '\ud800': 1 } })),
  'return a text with NUL': withField('result', [], () => ({ text: 'a\0b' })),
  'return a symbol': withField('error', UNFIT, () => ({ any: Symbol('s') })),
  'return a function': withField('error', UNFIT, () => ({ any: () => {} })),
  'return a symbol within JSON': withField('either', UNFIT, () => ({ any: { a: Symbol('s') } })),
  'return NaN as an integer': withField('error', UNFIT, () => ({ int: Number.NaN })),
  'return infinity as an integer': withField('error', UNFIT, () => ({ int: Number.POSITIVE_INFINITY })),
  'return 2^60 as an integer': withField('error', UNFIT, () => ({ int: 2 ** 60 })),
  'return minus zero as an integer': withField('result', [], () => ({ int: -0 })),
  'return a number object': withField('error', UNFIT, () => ({ int: Object(3) })),
  'return a sparse array': withField('either', UNFIT, () => {
    const list = [1, 2]
    list[5] = 3
    return { list }
  }),
  'return an array of length 2^32 - 1': {
    ...withField('error', [...UNFIT, 'SPEC_TIMED_OUT', 'SPEC_OUT_OF_MEMORY', 'SPEC_CRASHED'], () => {
      const list: number[] = []
      list.length = 2 ** 32 - 1
      return { list }
    }),
    slow: true,
  },
  'return toJSON that throws': withField('error', UNFIT, () => ({ any: { toJSON: refuse } })),
  'return toJSON that gives itself': withField('either', UNFIT, () => {
    const any = { toJSON: (): unknown => any }
    return { any }
  }),
  'return toJSON that gives undefined': withField('either', UNFIT, () => ({ any: { toJSON: () => undefined } })),
  'return toJSON that ends the process': withField('error', [...UNFIT, 'SPEC_EXITED'], () => ({
    any: { toJSON: () => process.exit(0) },
  })),
  'return toJSON that loops for ever': {
    ...withField('error', ['SPEC_TIMED_OUT', ...UNFIT], () => ({
      any: {
        toJSON: () => {
          for (;;);
        },
      },
    })),
    slow: true,
  },
  'return a date that is none': withField('error', UNFIT, () => ({ when: new Date(Number.NaN) })),
  'return a date of the year 275760': withField('either', UNFIT, () => ({ when: new Date(8.64e15) })),
  'return a typed array on shared memory': withField('either', UNFIT, () => ({
    any: new Float64Array(new SharedArrayBuffer(64)),
  })),
  'return a class instance': returned('either', UNFIT, (healthy) => {
    class Answer {}
    return Object.assign(new Answer(), healthy())
  }),
  'return rows with a getter that throws': withField('error', UNFIT, () => ({
    tables: {
      levels: [
        {
          get level() {
            return refuse()
          },
        },
      ],
    },
  })),
  'return rows without end': {
    ...withField('error', [...UNFIT, 'SPEC_TIMED_OUT', 'SPEC_OUT_OF_MEMORY'], () => ({
      tables: {
        levels: {
          *[Symbol.iterator]() {
            for (;;) yield { level: 1 }
          },
        },
      },
    })),
    slow: true,
  },
  'return a proxy of rows': withField('either', UNFIT, () => ({
    tables: {
      levels: new Proxy([{ level: 1 }], { get: (rows, key) => (key === 'length' ? 1e9 : Reflect.get(rows, key)) }),
    },
  })),
  'return a file that is not there': withField('error', UNFIT, () => ({ report: '/no/such/file' })),
  'return a folder as a file': withField('error', UNFIT, () => ({ report: '/tmp' })),
  'return a device as a file': withField('error', UNFIT, () => ({ report: '/dev/zero' })),
  'return fields that inherit': returned('either', UNFIT, (healthy) => Object.create(healthy() as object)),
  'return __proto__ as a field': returned('either', UNFIT, (healthy) =>
    Object.defineProperty({ ...(healthy() as object) }, '__proto__', { value: { number: 'no' }, enumerable: true }),
  ),
}
