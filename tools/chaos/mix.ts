import { createRandom, type Random } from './random.js'
import { LIMIT } from './tables.js'

/** A spec of tools/chaos/experiment.js. */
export interface ChaosSpec {
  readonly n: number
  readonly kind: string
  readonly ms: number
}

/** What an undisturbed run is to make of a kind: a result, an error with one of these codes, or either. */
export type Outcome = 'result' | 'either' | readonly string[]

interface Kind {
  readonly outcome: Outcome
  /** From which level on mixes have it. */
  readonly level: Level
  /** How many of a mix are of this kind: a share, or a number of specs at most. */
  readonly share?: number
  readonly most: number
  /** Tries that it needs. Default: one. */
  readonly tries?: number
}

/** How hostile the specs of a mix are: not at all; they end their process; they change or block it. */
export type Level = 0 | 1 | 2

const KINDS: Readonly<Record<string, Kind>> = {
  text: { outcome: 'result', level: 0, share: 0.1, most: 1000 },
  json: { outcome: 'result', level: 0, share: 0.1, most: 1000 },
  table: { outcome: 'result', level: 0, share: 0.1, most: 1000 },
  wide: { outcome: 'result', level: 0, share: 0.01, most: 60 },
  file: { outcome: 'result', level: 0, share: 0.04, most: 80 },
  slow: { outcome: 'result', level: 0, share: 0.2, most: 30 },
  busy: { outcome: 'result', level: 0, share: 0.2, most: 60 },
  retries: { outcome: 'result', level: 0, share: 0.02, most: 8, tries: 2 },
  throws: { outcome: ['SPEC_FAILED'], level: 0, share: 0.02, most: 8 },
  wrong: { outcome: ['OUTPUT_INVALID'], level: 0, share: 0.01, most: 6 },
  exit: { outcome: ['SPEC_EXITED'], level: 1, most: 2 },
  segv: { outcome: ['SPEC_CRASHED'], level: 1, most: 2 },
  overtime: { outcome: ['SPEC_TIMED_OUT'], level: 1, most: 1 },
  greedy: { outcome: [LIMIT], level: 1, most: 1 },
  unreadable: { outcome: ['SPEC_FAILED'], level: 2, most: 2 },
  unencodable: { outcome: 'either', level: 2, most: 2 },
  late: { outcome: 'either', level: 2, most: 2 },
  chdir: { outcome: 'result', level: 2, most: 2 },
  sine: { outcome: 'result', level: 2, most: 2 },
  lingers: { outcome: 'result', level: 2, most: 2 },
  blocks: { outcome: 'either', level: 2, most: 1 },
  disconnects: { outcome: 'either', level: 2, most: 1 },
  prototype: { outcome: 'either', level: 2, most: 1 },
}

/** The specs of a run. There are few mixes, so that what an undisturbed run makes of each is worked out once. */
export interface Mix {
  readonly id: number
  readonly level: Level
  /** The experiment that runs them. */
  readonly experiment: Experiment
  readonly specs: readonly ChaosSpec[]
}

export const EXPERIMENTS = ['chaos_once', 'chaos_twice'] as const
export type Experiment = (typeof EXPERIMENTS)[number]

export const MIXES = 12
const LEAST_SPECS = 240
const MOST_SPECS = 10_000

export function makeMix(id: number): Mix {
  const random = createRandom(0x5eed + id)
  const count = random.magnitude(LEAST_SPECS, MOST_SPECS)
  const level = (id % 3) as Level
  const experiment = EXPERIMENTS[Math.floor(id / 3) % 2]!
  const kinds: string[] = []
  for (const [name, kind] of Object.entries(KINDS)) {
    if (kind.level > level || (kind.tries ?? 1) > (experiment === 'chaos_twice' ? 2 : 1)) continue
    const share = kind.share === undefined ? kind.most : Math.round(kind.share * count)
    kinds.push(...new Array<string>(Math.min(share, kind.most)).fill(name))
  }
  const rest = new Array<string>(count - kinds.length).fill('plain')
  const order = random.shuffle([...kinds, ...rest])
  return { id, level, experiment, specs: order.map((kind, n) => ({ n, kind, ms: msOf(kind, random) })) }
}

export function outcomeOf({ kind }: ChaosSpec): Outcome {
  return KINDS[kind]?.outcome ?? 'result'
}

function msOf(kind: string, random: Random): number {
  if (kind === 'slow') return random.whole(0, 300)
  if (kind === 'busy') return random.whole(1, 20)
  return 0
}
