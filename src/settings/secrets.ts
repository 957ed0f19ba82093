const HIDDEN = '***'
/** A password before a host. A name without a password before an `@` may be a token. */
const USER = /(\b[a-z][a-z0-9+.-]*:\/\/)([^\s/?#@"'<>]*)@/gi
/**
 * Parameters of an address that grant access to everyone who knows them: signatures, tokens, keys.
 */
const PARAMETER =
  /([?&;](?:[\w.~-]|%\w\w)*(?:sig(?:nature)?|token|secret|passw(?:or)?d|pwd|credential|api[_-]?key|access[_-]?key(?:id)?|accessid|auth(?:orization)?)=)[^\s&;#"'<>]*?(?=[:.,)]*(?:[\s&;#"'<>]|$))/gi

/** Hides passwords and signatures in the addresses within a text. */
export function hideSecrets(text: string): string {
  if (!text.includes('://')) return text
  return text.replace(USER, `$1${HIDDEN}@`).replace(PARAMETER, `$1${HIDDEN}`)
}

/** Hides passwords and signatures in a value if it is a text. Returns other values unchanged. */
export function withoutSecrets(value: unknown): unknown {
  return typeof value === 'string' ? hideSecrets(value) : value
}
