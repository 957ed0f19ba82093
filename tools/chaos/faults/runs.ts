import { ANY_ENGINE, ANY_STORE, type Fault, soon } from './fault.js'

const onHatchet = { engines: ['hatchet'], stores: ANY_STORE } as const

export const runFaults: readonly Fault[] = [
  {
    name: 'two-resumes',
    title: 'the client is killed, and two resumes start at once',
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    async strike(arena) {
      await arena.killClients('SIGKILL')
      if (arena.isDone || arena.runFolder() === undefined) return false
      arena.resume()
      arena.resume()
      return true
    },
  },
  {
    name: 'resume-beside',
    title: 'the run is resumed while it is under way',
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    async strike(arena) {
      if (!(await soon(arena, 4_000, () => (arena.clients().length > 0 && arena.runFolder()) || undefined)))
        return false
      arena.resume()
      return true
    },
  },
  {
    name: 'engine-restart',
    title: 'the engine is killed and started again',
    ...onHatchet,
    async strike(arena, random) {
      await arena.fleet!.restart('engine', random.pick([0, 1000, 5000, 12_000]))
      return true
    },
  },
  {
    name: 'postgres-restart',
    title: "the engine's PostgreSQL is stopped and started again",
    ...onHatchet,
    async strike(arena, random) {
      await arena.fleet!.restart('postgres', random.pick([0, 1000, 5000]))
      return true
    },
  },
]
