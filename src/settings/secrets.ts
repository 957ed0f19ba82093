const HIDDEN = '***'
/** A password before a host; a name alone, before an `@`, may be a token. */
const USER = /(\b[a-z][a-z0-9+.-]*:\/\/)([^\s/?#@"'<>]*)@/gi
/** Parameters of an address that let whoever has them in: signatures, tokens, keys. */
const PARAMETER =
  /([?&;](?:[\w.~-]|%\w\w)*(?:sig(?:nature)?|token|secret|passw(?:or)?d|pwd|credential|api[_-]?key|access[_-]?key(?:id)?|accessid|auth(?:orization)?)=)[^\s&;#"'<>]*?(?=[:.,)]*(?:[\s&;#"'<>]|$))/gi

/** Hides passwords and signatures in the addresses that a text has. */
export function hideSecrets(text: string): string {
  if (!text.includes('://')) return text
  return text.replace(USER, `$1${HIDDEN}@`).replace(PARAMETER, `$1${HIDDEN}`)
}

/** Does the same to a value that may be such a text. */
export function withoutSecrets(value: unknown): unknown {
  return typeof value === 'string' ? hideSecrets(value) : value
}
