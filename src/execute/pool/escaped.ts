import { processesWith } from '../../settings/processes.js'

/** What the processes of a pool, and all that they start, have in their environment: the folder of the process of the pool. */
const MARK = '_SCYTHE_PROCESS'

/** Returns an environment by which what a process of the pool starts is known, whatever group or session it is in. */
export function marked(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  return { ...env, [MARK]: folder }
}

/**
 * Ends what a process of a pool started that left its group. It is found by its environment, which Linux alone shows, and only that of one's
 * own processes; whoever starts something with an environment of its own is not found.
 */
export function endEscaped(folder: string): void {
  for (const pid of processesWith(MARK, folder)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}
