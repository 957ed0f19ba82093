import { ExitCode } from './failure.js'

/** From now on, Ctrl-C (and SIGTERM) calls `stop` the first time and ends the process the second time. */
export function onInterrupt(stop: () => void): void {
  let interrupted = false
  const hear = () => {
    if (interrupted) process.exit(ExitCode.INTERRUPTED)
    interrupted = true
    stop()
  }
  process.on('SIGINT', hear)
  process.on('SIGTERM', hear)
}
