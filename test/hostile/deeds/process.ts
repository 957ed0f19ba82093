import { execSync } from 'node:child_process'
import { closeSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Deed, type Deeds, either, error, forever, overtime, result } from '../deed.js'

const EXITED = ['SPEC_EXITED']
const CRASHED = ['SPEC_CRASHED', 'SPEC_OUT_OF_MEMORY']

const exits = (code: number) => error(EXITED, () => process.exit(code))

const killed = (signal: NodeJS.Signals): Deed =>
  error([...CRASHED, ...EXITED], async () => {
    process.kill(process.pid, signal)
    await forever()
  })

/** What only the runtime itself has. */
const inner = process as unknown as { reallyExit(code: number): void; send?: (message: unknown) => void }

export const processDeeds: Deeds = {
  'exit 0': exits(0),
  'exit 1': exits(1),
  'exit 137': exits(137),
  'exit in silence': error(EXITED, () => inner.reallyExit(0)),
  'exit from a listener of its own exit': error(EXITED, () => {
    process.on('exit', () => process.exit(9))
    process.exit(1)
  }),
  'never let an exit end': {
    ...error([...EXITED, 'SPEC_TIMED_OUT'], () => {
      process.on('exit', () => {
        for (;;);
      })
      process.exit(1)
    }),
    slow: true,
  },
  'set the exit code': result(() => {
    process.exitCode = 7
  }),
  abort: error(CRASHED, () => process.abort()),
  'kill itself with SIGKILL': killed('SIGKILL'),
  'kill itself with SIGTERM': killed('SIGTERM'),
  'kill itself with SIGINT': killed('SIGINT'),
  'kill itself with SIGHUP': killed('SIGHUP'),
  'kill itself with SIGSEGV': killed('SIGSEGV'),
  'kill itself with SIGABRT': killed('SIGABRT'),
  'kill itself with SIGPIPE': either(() => void process.kill(process.pid, 'SIGPIPE')),
  'kill itself with SIGUSR1': either(() => void process.kill(process.pid, 'SIGUSR1')),
  'kill its group': error([...CRASHED, ...EXITED], async () => {
    process.kill(-process.pid, 'SIGKILL')
    await forever()
  }),
  'stop itself': {
    ...error(['SPEC_TIMED_OUT'], async () => {
      process.kill(process.pid, 'SIGSTOP')
      await forever()
    }),
    slow: true,
  },
  'take SIGTERM for nothing': result(() => void process.on('SIGTERM', () => {})),
  disconnect: either(() => process.disconnect()),
  'disconnect and wait': {
    ...error([...EXITED, ...CRASHED, 'SPEC_TIMED_OUT', 'SPEC_FAILED'], async () => {
      process.disconnect()
      await forever()
    }),
    slow: true,
  },
  'send what looks like done': either(() => inner.send?.({ type: 'done', seconds: 0 })),
  'send rows of its own': either(() =>
    inner.send?.({ type: 'rows', rows: { start: 0, end: 9, results: 9, errors: 0, parts: {}, files: [] } }),
  ),
  'write to the channel below': either(() => {
    const channel = (process as unknown as { channel?: { writeUtf8String?: unknown; fd?: number } }).channel
    if (channel?.fd !== undefined) closeSync(channel.fd)
  }),
  'tell itself that it is disconnected': either(() => void process.emit('disconnect')),
  'tell itself to cancel': either(() => void process.emit('message', { type: 'cancel' }, undefined)),
  'tell itself to run something': either(() => void process.emit('message', { type: 'run', batch: {} }, undefined)),
  'tell itself nonsense': either(() => void process.emit('message', null, undefined)),
  'tell itself of an exit': either(() => void process.emit('exit', 0)),
  'tell itself of an uncaught exception': either(() => void process.emit('uncaughtException', new Error('made up'))),
  'remove all listeners': either(() => void process.removeAllListeners()),
  'remove the listeners of messages': either(() => void process.removeAllListeners('message')),
  'close files 0 to 20': either(() => closeAll(0, 20)),
  'close files 3 to 100': either(() => closeAll(3, 100)),
  'close stdout and stderr': result(() => closeAll(1, 2)),
  'end stdout': result(() => void process.stdout.end()),
  'destroy stderr': result(() => void process.stderr.destroy()),
  'write 20 MB to stdout': result(() => void process.stdout.write('o'.repeat(20e6))),
  'write 20 MB to stderr': result(() => void process.stderr.write('e'.repeat(20e6))),
  'say that the heap is full': result(() => void process.stderr.write('FATAL ERROR: heap out of memory\n')),
  'change the working folder': result(() => process.chdir('/')),
  'stand in a folder that is gone': either((_, ctx) => {
    const gone = join(ctx.tempdir, 'gone')
    mkdirSync(gone)
    process.chdir(gone)
    rmdirSync(gone)
  }),
  'set umask 0o777': result(() => void process.umask(0o777)),
  'become nobody': result(() => {
    if (process.getuid?.() === 0) process.seteuid?.(65534)
  }),
  'clear the environment': result(() => {
    for (const name of Object.keys(process.env)) delete process.env[name]
  }),
  'set NODE_OPTIONS': result(() => {
    process.env.NODE_OPTIONS = '--require /no/such/module'
  }),
  'take another title': result(() => {
    process.title = 'init'
  }),
  'take other arguments': result(() => {
    process.argv.length = 0
    process.execArgv.length = 0
    process.execPath = '/no/such/node'
  }),
  'run nothing in the next tick': either(() => {
    process.nextTick = () => {}
  }),
  'stop hrtime': either(() => {
    process.hrtime = Object.assign(() => [0, 0] as [number, number], { bigint: () => 0n })
  }),
  'stop Date.now': either(() => {
    Date.now = () => 0
  }),
  'stop performance.now': either(() => {
    performance.now = () => 0
  }),
  'replace performance': either(() => {
    Object.defineProperty(globalThis, 'performance', { value: { now: () => Number.NaN }, configurable: true })
  }),
  'install fake timers': either(() => {
    const never = () => ({ unref() {}, ref() {} })
    Object.assign(globalThis, { setTimeout: never, setInterval: never, setImmediate: never, clearTimeout: never })
  }),
  'take away process.memoryUsage': either(() => {
    Object.assign(process, { memoryUsage: undefined, kill: undefined, exit: undefined })
  }),
  'block in a program': overtime(() => execSync('sleep 1000')),
  'remove its temporary folder': result((_, ctx) => rmSync(ctx.tempdir, { recursive: true, force: true })),
  'remove the folder of its process': either((_, ctx) =>
    rmSync(join(ctx.tempdir, '..'), { recursive: true, force: true }),
  ),
  'remove its status file': either((_, ctx) => rmSync(join(ctx.tempdir, '..', 'status'), { force: true })),
}

function closeAll(first: number, last: number): void {
  for (let fd = first; fd <= last; fd++) {
    try {
      closeSync(fd)
    } catch {
      // It was not open.
    }
  }
}
