// biome-ignore-all lint/complexity/noThisInStatic lint/suspicious/useErrorMessage: hostile
import { type Deeds, error, FAILED, overtime } from '../deed.js'

const throws = (make: () => unknown) =>
  error(FAILED, () => {
    throw make()
  })

const refuse = (): never => {
  throw new Error('not for you')
}

/** Every operation on it throws. */
const trapped = (target: object) =>
  new Proxy(
    target,
    Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, refuse])) as ProxyHandler<object>,
  )

const withGetter = (name: string | symbol, get: () => unknown) =>
  Object.defineProperty(new Error('a getter'), name, { get, configurable: true, enumerable: true })

const chain = (length: number) => {
  const { stackTraceLimit } = Error
  // A hundred thousand stacks would take longer than a spec may.
  Error.stackTraceLimit = 0
  let cause: unknown = new Error('the first')
  for (let i = 0; i < length; i++) cause = new Error(`cause ${i}`, { cause })
  Error.stackTraceLimit = stackTraceLimit
  return cause
}

export const throwsDeeds: Deeds = {
  'throw an error': throws(() => new RangeError('too far')),
  'throw undefined': throws(() => undefined),
  'throw null': throws(() => null),
  'throw a symbol': throws(() => Symbol('s')),
  'throw a function': throws(() => function named() {}),
  'throw a BigInt': throws(() => 12n),
  'throw NaN': throws(() => Number.NaN),
  'throw an empty text': throws(() => ''),
  'throw text that is not well formed': throws(() => new Error('\ud800 and \udfff and \0')),
  'throw something frozen': throws(() => Object.freeze(new Error('frozen'))),
  'throw an object without prototype': throws(() => Object.assign(Object.create(null), { message: 'bare' })),
  'throw a proxy with traps on every operation': throws(() => trapped(new Error('trapped'))),
  'throw a function proxy with traps on every operation': throws(() => trapped(() => {})),
  'throw a revoked proxy': throws(() => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }),
  'throw an error whose message throws': throws(() => withGetter('message', refuse)),
  'throw an error whose stack throws': throws(() => withGetter('stack', refuse)),
  'throw an error whose name throws': throws(() => withGetter('name', refuse)),
  'throw an error whose cause throws': throws(() => withGetter('cause', refuse)),
  'throw an error whose constructor throws': throws(() => withGetter('constructor', refuse)),
  'throw an error whose toString throws': throws(() => Object.assign(new Error('x'), { toString: refuse })),
  'throw an error whose toJSON throws': throws(() => Object.assign(new Error('x'), { toJSON: refuse })),
  'throw an error whose message turns to no text': throws(() =>
    Object.assign(new Error('x'), { message: { [Symbol.toPrimitive]: refuse } }),
  ),
  'throw an error whose message is a symbol': throws(() => Object.assign(new Error('x'), { message: Symbol('m') })),
  'throw an error whose custom inspection throws': throws(() => ({
    [Symbol.for('nodejs.util.inspect.custom')]: refuse,
  })),
  'throw what throws a proxy when it is read': throws(() =>
    withGetter('message', () => {
      throw trapped({})
    }),
  ),
  'throw an error with a message of 100 MB': throws(() => new Error('m'.repeat(100e6))),
  'throw an error with a name of 50 MB': throws(() => Object.assign(new Error('x'), { name: 'n'.repeat(50e6) })),
  'throw an error that is its own cause': throws(() => {
    const own: Error & { cause?: unknown } = new Error('round')
    own.cause = own
    return own
  }),
  'throw an error with a circle of causes': throws(() => {
    const [a, b]: (Error & { cause?: unknown })[] = [new Error('a'), new Error('b')]
    a!.cause = b
    b!.cause = a
    return a
  }),
  'throw an error with 100,000 causes': throws(() => chain(1e5)),
  'throw an aggregate of 100,000 errors': throws(
    () => new AggregateError(Array.from({ length: 1e5 }, (_, i) => `${i}`)),
  ),
  'throw an error of a class whose constructor is broken': throws(() => {
    class Broken extends Error {
      constructor(...parts: string[]) {
        super(...parts)
        if (new.target !== Broken) refuse()
      }
      static get [Symbol.species]() {
        return refuse()
      }
      override get name(): string {
        return refuse()
      }
    }
    return new Broken('b')
  }),
  'throw an error that looks like one of Scythe': error(FAILED, () => {
    throw Object.assign(new Error('Expected rows'), { code: 'OUTPUT_INVALID', name: 'OutputInvalidError' })
  }),
  'throw what looks like a cancelled run': throws(() => new DOMException('The run was cancelled.', 'AbortError')),
  'throw a module error': throws(() =>
    Object.assign(new Error('Cannot find module'), { code: 'ERR_MODULE_NOT_FOUND' }),
  ),
  'throw an error whose stack loops for ever': overtime(() => {
    throw withGetter('stack', () => {
      for (;;);
    })
  }),
  'throw a promise that rejects': throws(() => Promise.reject(new Error('unheard'))),
}
