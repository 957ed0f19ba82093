import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { createConnection } from 'node:net'
import { Worker } from 'node:worker_threads'
import { type Deeds, either, forever, overtime, result, returned } from '../deed.js'

const LATE = ['SPEC_FAILED', 'SPEC_EXITED', 'SPEC_CRASHED', 'SPEC_TIMED_OUT']

const fail = (): never => {
  throw new Error('late')
}

export const lateDeeds: Deeds = {
  'leave a timer that throws at once': either(() => void setTimeout(fail, 0)),
  'leave a timer that throws after 5 ms': either(() => void setTimeout(fail, 5)),
  'leave a timer that throws after 300 ms': either(() => void setTimeout(fail, 300)),
  'leave an immediate that throws': either(() => void setImmediate(fail)),
  'leave a tick that throws': either(() => process.nextTick(fail)),
  'leave a microtask that throws': either(() => queueMicrotask(fail)),
  'leave a rejection': either(() => void Promise.reject(new Error('late'))),
  'leave a rejection after 5 ms': either(
    () => void new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 5)),
  ),
  'leave a rejection with undefined': either(() => void Promise.reject()),
  'leave a rejection with a proxy': either(
    () => void Promise.reject(new Proxy({}, { get: fail, getPrototypeOf: fail, has: fail })),
  ),
  'leave a thousand rejections': either(() => {
    for (let i = 0; i < 1000; i++) void Promise.reject(new Error(`late ${i}`))
  }),
  'leave an emitter that fails': either(
    () => void setTimeout(() => new EventEmitter().emit('error', new Error('late')), 5),
  ),
  'leave a socket that fails': either(() => void createConnection({ host: '127.0.0.1', port: 1 })),
  'leave a program that is not there': either(() => void spawn('/no/such/program')),
  'leave a thread that throws': either(() => void new Worker('throw new Error("late")', { eval: true })),
  'leave a thread that never ends': result(() => void new Worker('for (;;);', { eval: true })),
  'leave a server that listens': result(async () => {
    const { createServer } = await import('node:net')
    createServer().listen(0, '127.0.0.1')
  }),
  'leave a program that runs': result(() => void spawn('sleep', ['1000'], { stdio: 'ignore' })),
  'leave a program that writes': result(
    () => void spawn('sh', ['-c', 'while :; do echo y; sleep 0.1; done'], { stdio: 'inherit' }),
  ),
  'leave an interval': result(() => void setInterval(() => {}, 1)),
  'leave an interval that blocks': result(
    () => void setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20), 1),
  ),
  'leave a timer that loops for ever': result(
    () =>
      void setTimeout(() => {
        for (;;);
      }),
  ),
  'leave a timer that loops for ever after 100 ms': result(
    () =>
      void setTimeout(() => {
        for (;;);
      }, 100),
  ),
  'leave a timer that exits': either(() => void setTimeout(() => process.exit(0), 5)),
  'leave a timer that stops the process': result(() => void setTimeout(() => process.kill(process.pid, 'SIGSTOP'), 5)),
  'leave immediates without end': result(() => {
    const again = () => void setImmediate(again)
    again()
  }),
  'leave ticks without end': either(() => {
    const again = () => process.nextTick(again)
    setTimeout(again)
  }),
  'leave microtasks without end': either(() => {
    const again = (): unknown => Promise.resolve().then(again)
    setTimeout(again)
  }),
  'tick without end': overtime(async () => {
    const again = () => process.nextTick(again)
    again()
    await forever()
  }),
  'make microtasks without end': overtime(async () => {
    for (;;) await null
  }),
  'throw in a timer while it waits': returned('error', LATE, async () => {
    setTimeout(fail, 5)
    await forever()
  }),
  'reject while it waits': returned('error', LATE, async () => {
    void Promise.reject(new Error('unheard'))
    await forever()
  }),
  'catch everything': result(() => {
    process.on('uncaughtException', () => {})
    process.on('unhandledRejection', () => {})
    setTimeout(fail, 5)
  }),
  'leave a promise to the next': result(() => {
    const shared = globalThis as { left?: Promise<never> }
    if (!shared.left) shared.left = new Promise((_, reject) => setTimeout(() => reject(new Error('left')), 20))
    shared.left.catch(() => {})
  }),
  'abort what is left of its signal': result((_, ctx) => void ctx.signal.addEventListener('abort', fail)),
}
