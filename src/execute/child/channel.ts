import type { TableSlice } from '../../table/slice.js'
import { FileUnavailableError } from '../errors.js'
import type { FinishedRows } from '../executor.js'
import { type FromProcess, type LastWord, ROWS_ON_THE_WAY, type ToProcess } from '../protocol.js'

type Command = Extract<ToProcess, { type: 'load' | 'run' | 'cancel' | 'leave' }>

/** The child's side of the channel to its pool. */
export interface Channel {
  send(message: FromProcess): void
  readSpecs(row: number): Promise<TableSlice>
  fetchFile(uri: string): Promise<string>
  /** Whether rows may be sent now. */
  readonly hasRoom: boolean
  /** Resolves when rows may be sent. */
  room(): Promise<void>
  sendRows(rows: FinishedRows): void
  /** Ends this process after telling the pool the reason. The promise stays pending. */
  leave(word: LastWord): Promise<never>
}

interface Waiting<T> {
  resolve(value: T): void
  reject(error: Error): void
}

/** Exits without running the user's exit handlers. */
const exit = (process as unknown as { reallyExit(code: number): never }).reallyExit.bind(process)

/**
 * Opens the channel, and hides it from user code, which could not tell Scythe's messages from its
 * own.
 */
export function openChannel(key: string, onCommand: (command: Command) => void): Channel {
  const sendMessage = process.send!.bind(process)
  delete process.send
  Object.defineProperty(process, 'disconnect', { value: () => {}, configurable: true, writable: true })
  let specs: Waiting<TableSlice> | undefined
  const files = new Map<string, Waiting<string>>()
  let isClosed = false
  let onTheWay = 0
  let roomMade: (() => void) | undefined

  process.on('message', (envelope: { readonly key: string; readonly message: ToProcess } | undefined) => {
    if (envelope?.key !== key) return
    const { message } = envelope
    switch (message.type) {
      case 'specs':
        return specs?.resolve(message.slice)
      case 'file':
        files.get(message.uri)?.resolve(message.path)
        return void files.delete(message.uri)
      case 'no-file':
        files.get(message.uri)?.reject(new FileUnavailableError(message.uri, message.reason))
        return void files.delete(message.uri)
      case 'taken':
        onTheWay -= 1
        return roomMade?.()
      case 'load':
      case 'run':
      case 'cancel':
      case 'leave':
        return onCommand(message)
    }
  })

  const channel: Channel = {
    // If the pool is gone, this process ends: a message that does not reach it needs no handling.
    send(message) {
      if (!isClosed) sendMessage(message, undefined, {}, () => {})
    },
    readSpecs(row) {
      return new Promise((resolve, reject) => {
        specs = { resolve, reject }
        channel.send({ type: 'read-specs', row })
      })
    },
    fetchFile(uri) {
      return new Promise((resolve, reject) => {
        files.set(uri, { resolve, reject })
        channel.send({ type: 'fetch-file', uri })
      })
    },
    get hasRoom() {
      return onTheWay < ROWS_ON_THE_WAY
    },
    async room() {
      while (!channel.hasRoom) {
        await new Promise<void>((resolve) => {
          roomMade = resolve
        })
      }
    },
    sendRows(rows) {
      onTheWay += 1
      channel.send({ type: 'rows', rows })
    },
    leave(word) {
      // Messages after this one do not count.
      if (!isClosed) sendMessage({ type: 'leaving', word }, undefined, {}, () => exit(1))
      isClosed = true
      return new Promise(() => {})
    },
  }
  return channel
}
