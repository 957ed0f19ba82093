import { ExitCode } from './failure.js'

/**
 * Hears of Ctrl-C (and of SIGTERM). The first time it calls `stop`; the second time it ends the process. `release` leaves
 * signals to themselves again.
 */
export function onInterrupt(stop: () => void): { release(): void } {
  let interrupted = false
  const hear = () => {
    if (interrupted) process.exit(ExitCode.INTERRUPTED)
    interrupted = true
    stop()
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, hear)
  return {
    release() {
      for (const signal of signals) process.off(signal, hear)
    },
  }
}
