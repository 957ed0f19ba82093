import { processesWith } from '../../settings/processes.js'

/**
 * The environment variable that marks the processes of a pool and their descendants. Its value is
 * the folder of the pool's process.
 */
const MARK = '_SCYTHE_PROCESS'

/**
 * Returns an environment that marks the descendants of a pool's process, whatever process group or
 * session they are in.
 */
export function marked(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  return { ...env, [MARK]: folder }
}

/**
 * Kills the descendants of a pool's process that left its process group. They are found by their
 * environment, which only Linux exposes, and only for processes of the same user. A descendant that
 * was started with a new environment is not found.
 */
export function endEscaped(folder: string): void {
  for (const pid of processesWith(MARK, folder)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // The process has exited meanwhile.
    }
  }
}
