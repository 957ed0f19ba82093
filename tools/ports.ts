import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Ports from 32768 are given to outgoing connections, which could take that of a server that is just being restarted. */
const FIRST = 12_000
const BLOCKS = 2_000
const IN_BLOCK = 10

/**
 * Up to nine ports of this machine on which nobody listens. Nobody else is given them while this process lives, though their servers
 * may be a while in coming: it listens on the first port of their block itself.
 */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const block = FIRST + IN_BLOCK * randomInt(BLOCKS)
    const held = await listen(block)
    if (!held) continue
    const ports = Array.from({ length: count }, (_, i) => block + 1 + i)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports
    held.close()
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port)
  if (!server) return false
  server.close()
  await once(server, 'close')
  return true
}

/** A server that does not keep the process running. `undefined` where the port is taken. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port)
  try {
    await once(server, 'listening')
  } catch {
    return undefined
  }
  return server.unref()
}
