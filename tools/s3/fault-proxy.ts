import { once } from 'node:events'
import { createServer, type IncomingMessage, request as open, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { FAULTS, type Fault, type FaultKind, refuse } from './faults.js'

/** A request on its way to the server. */
export interface ProxiedRequest {
  readonly method: string
  /** With the query, as it was sent: `/bucket/prefix/key?uploadId=…`. */
  readonly url: string
}

/** Says which fault strikes a request. `undefined`: none. */
export type FaultRule = (request: ProxiedRequest) => Fault | undefined

/** Stands between clients and an S3 server, and fails as servers and networks do. */
export interface FaultProxy {
  readonly endpoint: string
  /** From now on, until `mend` or the next call. */
  fail(rule: FaultRule): void
  /** Requests get through again. Those that are stalled stay so. */
  mend(): void
  /** How often each kind has struck so far, and how many requests came in all. */
  readonly struck: Readonly<Record<FaultKind, number>>
  readonly requests: number
  close(): Promise<void>
}

/** Opens a proxy before `target`, the server's endpoint. It ends with this process. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const struck = Object.fromEntries(FAULTS.map((kind) => [kind, 0])) as Record<FaultKind, number>
  const sockets = new Set<Socket>()
  let rule: FaultRule = () => undefined
  let requests = 0

  /** The head is passed on as it came, the name of the host too, because signatures cover it. */
  function pass(near: IncomingMessage, answer: ServerResponse, fault?: Fault): void {
    const { method, url: path, rawHeaders: headers } = near
    const far = open({ hostname, port, method, path, headers: headers as never, setHost: false, agent: false })
    const drop = () => answer.destroy()
    far.on('error', drop)
    answer.on('close', () => far.destroy())
    far.on('response', (response) => {
      response.on('error', drop)
      if (fault?.kind === 'lost-answer') {
        // The server has done what was asked, and nobody hears of it.
        response.on('end', drop).resume()
        return
      }
      answer.writeHead(response.statusCode!, response.rawHeaders)
      if (fault?.kind === 'cut-answer') passHalf(response, answer, drop)
      else response.pipe(answer)
    })
    if (fault?.kind === 'cut-request') passHalf(near, far, drop)
    else near.pipe(far)
  }

  function serve(near: IncomingMessage, answer: ServerResponse): void {
    requests += 1
    near.on('error', () => {})
    const fault = rule({ method: near.method!, url: near.url! })
    if (fault) struck[fault.kind] += 1
    switch (fault?.kind) {
      case 'status':
        near.resume()
        refuse(fault, near.method === 'HEAD', answer)
        break
      case 'reset':
        near.socket.resetAndDestroy()
        break
      case 'stall':
        near.resume()
        if (fault.ms !== undefined) setTimeout(() => answer.destroy(), fault.ms).unref()
        break
      default:
        pass(near, answer, fault)
    }
  }

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, serve)
  // Clients that ask before they send a body are let through, or told, as all others.
  server.on('checkContinue', (near: IncomingMessage, answer: ServerResponse) => {
    answer.writeContinue()
    serve(near, answer)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail(next) {
      rule = next
    },
    mend() {
      rule = () => undefined
    },
    struck,
    get requests() {
      return requests
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Passes on half of a body, and ends the matter with `drop`. */
function passHalf(from: IncomingMessage, to: Writable, drop: () => void): void {
  const half = Math.floor(Number(from.headers['content-length'] ?? 0) / 2)
  let passed = 0
  from.on('data', (data: Buffer) => {
    to.write(data.subarray(0, Math.max(0, half - passed)))
    passed += data.length
    // Later, so that what was written is under way.
    if (passed >= half) setImmediate(drop)
  })
  from.on('end', drop)
}
