// Locks that one process holds at a time, also among containers that share a folder.
import { closeSync, openSync, rmSync, statSync, utimes } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 100
const REFRESH_MS = 1_000
const ABANDONED_MS = 10_000

/**
 * Waits for the lock at a path, and resolves to the function that releases it. The owner refreshes
 * its lock file. One that is not refreshed for 10 seconds is abandoned, and removed: a process id
 * would mean nothing in another container.
 */
export async function lock(path, onWait = () => {}) {
  for (let waited = false; !createFile(path); waited = true) {
    if (!waited) onWait()
    removeAbandoned(path)
    await sleep(POLL_MS)
  }
  const refresh = setInterval(() => utimes(path, new Date(), new Date(), () => {}), REFRESH_MS)
  const remove = () => rmSync(path, { force: true })
  process.once('exit', remove)
  return () => {
    clearInterval(refresh)
    process.off('exit', remove)
    remove()
  }
}

/**
 * Removes the lock file if it is abandoned. Only the process that holds the guard looks and
 * removes: a second one would remove the lock that another waiter has taken since it looked.
 */
function removeAbandoned(path) {
  if (!isAbandoned(path)) return
  const guard = `${path}.guard`
  if (!createFile(guard)) {
    // Its process died between the two lines below.
    if (isAbandoned(guard)) rmSync(guard, { force: true })
    return
  }
  if (isAbandoned(path)) rmSync(path, { force: true })
  rmSync(guard, { force: true })
}

function isAbandoned(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS
}

/** Returns whether the file was created: `false` if there is one already. */
function createFile(path) {
  try {
    closeSync(openSync(path, 'wx'))
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}
