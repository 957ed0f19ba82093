import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a worker and its engine, and breaks as networks do. */
export interface Proxy {
  /** `host:port` to connect to. */
  readonly address: string
  /** Connections stay open, and nothing gets through: as where the other side has lost its power. */
  freeze(): void
  /** Connections are reset, and new ones too. */
  cut(): void
  /** New connections get through again. */
  mend(): void
  close(): void
}

export async function startProxy(target: string): Promise<Proxy> {
  const [host, port] = target.split(':')
  const sockets = new Set<Socket>()
  let state: 'through' | 'frozen' | 'cut' = 'through'

  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy()
      return
    }
    const far = connect(Number(port), host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (data) => {
        if (state === 'through') to.write(data)
      })
      from.on('close', () => {
        sockets.delete(from)
        if (state !== 'frozen') to.destroy()
      })
      from.on('error', () => {})
    }
  })
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze() {
      state = 'frozen'
    },
    cut() {
      state = 'cut'
      destroyAll()
    },
    mend() {
      state = 'through'
    },
    close() {
      server.close()
      destroyAll()
    },
  }
}
