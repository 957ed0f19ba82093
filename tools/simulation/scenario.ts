import { createRandom, type Random } from './random.js'

/** A chance for each of many moments, from 0 to 1. */
type Chance = number

/** What one seed stands for: a run, the machines it runs on, and what befalls them until `calmAt`. All times are in ms. */
export interface Scenario {
  readonly seed: number
  readonly specs: number
  /** null: the root finds it out by running the pilot. */
  readonly batch: number | null
  readonly recursion: { readonly factor: number; readonly max_depth: number } | null
  /** Rows in a row group of the specs. */
  readonly rowGroup: number
  readonly workers: number
  readonly slots: number
  readonly window: number
  /** What a spec takes. */
  readonly specTime: number
  /** Which specs throw, of some ways to draw them; whether it is another draw for each attempt. */
  readonly errors: number
  readonly isFlaky: boolean
  /** Whether specs have rows in a table of the user's, and files. */
  readonly hasTable: boolean
  readonly hasFiles: boolean
  /** After it nothing goes wrong any more, and the run must end. */
  readonly calmAt: number
  readonly store: {
    readonly latency: number
    /** Of a request that fails and has done nothing; and of one that is done and whose answer is lost. */
    readonly before: Chance
    readonly after: Chance
    /** Names in one answer of a listing. */
    readonly page: number
    /** Times in which every request fails. */
    readonly outages: readonly { readonly at: number; readonly until: number }[]
  }
  readonly engine: {
    readonly latency: number
    /** Of a task that is started on two workers. */
    readonly double: Chance
    /** Of a child whose id is given out, and that never comes to be. */
    readonly ghost: Chance
    /** Of such a child of which nobody is ever told. No adapter may do so: never drawn, for the tests alone. */
    readonly silence: Chance
    /** Of a notice that a task ended well which never comes, and of one of a failure which comes minutes late. */
    readonly drop: Chance
    /** Of a task whose start is not told to who asked for it. */
    readonly mute: Chance
    /** Of a batch that is stopped by somebody. */
    readonly stray: Chance
    readonly outages: readonly { readonly at: number; readonly until: number }[]
  }
  /** What befalls workers, in order of time. */
  readonly blows: readonly { readonly at: number; readonly kind: Blow; readonly for: number }[]
  /** How often a batch that holds this spec fails for its own sake. */
  readonly poison: readonly { readonly spec: number; readonly times: number }[]
}

/**
 * A worker dies; stands still; is thought to be dead; hands its work back and leaves; or has code that cannot be loaded. A root is
 * cancelled; a second one comes.
 */
export type Blow = 'die' | 'stall' | 'suspect' | 'leave' | 'misload' | 'cancel' | 'second root'

const BLOWS: readonly Blow[] = [
  'die',
  'die',
  'stall',
  'suspect',
  'leave',
  'misload',
  'cancel',
  'second root',
  'second root',
]

/** Every seed has some of the faults, and each in a measure of its own: together all would hide what a few bring about. */
export function drawScenario(seed: number): Scenario {
  const random = createRandom(seed)
  const often = (most: Chance): Chance => (random.chance(0.4) ? random.next() * most : 0)
  const size = random.next()
  // Only from 65 specs on is there a pilot. Most runs are small: what goes wrong with five batches is found sooner with five.
  const specs = size < 0.005 ? random.between(65, 75) : size < 0.05 ? random.between(15, 30) : random.between(1, 10)
  const specTime = specs < 8 && random.chance(0.05) ? 90_000 : random.pick([5, 200, 1_000, 5_000])
  const calmAt = random.pick([5_000, 20_000, 60_000, 600_000])
  // Most runs are over within seconds.
  const soon = random.chance(0.7) ? Math.min(calmAt, 15_000) : calmAt
  const blows = Array.from({ length: random.pick([0, 1, 1, 2, 3, 6]) }, () => ({
    at: random.between(0, soon),
    kind: random.pick(BLOWS),
    for: random.delay(20_000),
  }))
  return {
    seed,
    specs,
    batch: specs > 64 || random.chance(0.1) ? null : random.between(1, 5),
    recursion: random.chance(0.4) ? { factor: random.between(2, 4), max_depth: random.between(1, 2) } : null,
    rowGroup: random.pick([3, 7, 100]),
    workers: random.between(1, 3),
    slots: random.between(1, 3),
    window: random.pick([2, 4, 8, 1000]),
    specTime,
    errors: random.between(0, 3),
    isFlaky: random.chance(0.2),
    hasTable: random.chance(0.2),
    hasFiles: random.chance(0.2),
    calmAt,
    store: {
      latency: random.pick([2, 20, 200]),
      before: often(0.05),
      after: often(0.05),
      page: specTime < 5_000 && random.chance(0.15) ? 2 : 1000,
      outages: drawOutages(random, soon, calmAt),
    },
    engine: {
      latency: random.pick([2, 20, 200]),
      double: often(0.5),
      ghost: often(0.3),
      silence: 0,
      drop: often(0.5),
      mute: often(0.5),
      stray: random.chance(0.1) ? random.next() * 0.2 : 0,
      outages: drawOutages(random, soon, calmAt),
    },
    blows: blows.sort((a, b) => a.at - b.at),
    poison: random.chance(0.2)
      ? [{ spec: random.between(0, specs - 1), times: random.pick([1, 2, 3, Number.MAX_SAFE_INTEGER]) }]
      : [],
  }
}

function drawOutages(random: Random, soon: number, calmAt: number) {
  if (!random.chance(0.2)) return []
  const at = random.between(0, soon)
  return [{ at, until: Math.min(calmAt, at + random.between(1_000, 180_000)) }]
}
