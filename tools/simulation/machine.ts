import type { World } from './world.js'

/** The process of a worker, as far as it can go wrong. */
export interface Machine {
  readonly name: string
  isDead: boolean
  /** It stands still until then. */
  stalledUntil: number
  /** Whether it cannot load the experiment's code. */
  isMisloaded: boolean
  /** Does something in this process after `ms`: never where it has died, and later where it stands still. */
  after(ms: number, act: () => void): void
}

export function createMachine({ clock, random }: World, name: string): Machine {
  const machine: Machine = {
    name,
    isDead: false,
    stalledUntil: 0,
    isMisloaded: false,
    after(ms, act) {
      clock.after(ms, () => {
        if (machine.isDead) return
        const standing = machine.stalledUntil - clock.now()
        if (standing > 0) machine.after(standing + random.delay(1), act)
        else act()
      })
    },
  }
  return machine
}
