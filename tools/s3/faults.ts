import type { ServerResponse } from 'node:http'

/** What can become of a request. */
export type Fault =
  /** The proxy answers in the server's place, which hears nothing. `retryAfter` is in seconds. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string; readonly retryAfter?: number }
  /** The connection is reset before the server hears of it. */
  | { readonly kind: 'reset' }
  /** The server gets half of the body, then the connection breaks. */
  | { readonly kind: 'cut-request' }
  /** The server does it all, and the connection breaks before it answers. */
  | { readonly kind: 'lost-answer' }
  /** The answer breaks off in the middle of its body. */
  | { readonly kind: 'cut-answer' }
  /** Nothing is answered, for so many ms or until the client gives up; then the connection breaks. */
  | { readonly kind: 'stall'; readonly ms?: number }

export type FaultKind = Fault['kind']

export const FAULTS: readonly FaultKind[] = ['status', 'reset', 'cut-request', 'lost-answer', 'cut-answer', 'stall']

export const SLOW_DOWN: Fault = { kind: 'status', status: 503, code: 'SlowDown' }
export const INTERNAL: Fault = { kind: 'status', status: 500, code: 'InternalError' }
export const DENIED: Fault = { kind: 'status', status: 403, code: 'AccessDenied' }

/** One of `faults` for this share of all requests, drawn by `random` (0 to 1), which may come from a seed. */
export function sometimes(share: number, faults: readonly Fault[], random = Math.random): () => Fault | undefined {
  return () => (random() < share ? faults[Math.floor(random() * faults.length)] : undefined)
}

/** Answers as an S3 server does that refuses. The answer to HEAD has no body, and so no code. */
export function refuse(
  { status, code, retryAfter }: Extract<Fault, { kind: 'status' }>,
  isHead: boolean,
  answer: ServerResponse,
): void {
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Refused by the fault proxy.</Message></Error>`
  answer.writeHead(status, {
    'content-type': 'application/xml',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(isHead ? {} : { 'content-length': Buffer.byteLength(text) }),
  })
  answer.end(isHead ? undefined : text)
}
