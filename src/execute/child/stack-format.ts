/** How stacks of errors are written, which all specs of a process share: how many lines, and by whom. */
export interface StackFormat {
  /** Takes what is there now as right. */
  remember(): void
  /**
   * Puts back the number of lines, and a format that throws or makes no text. Another that works stays: tools set it once, when they are
   * first imported. Costs nothing if neither was set.
   */
  reset(): void
}

const OwnError = Error
const { deleteProperty } = Reflect

export function watchStackFormat(): StackFormat {
  let lines = OwnError.stackTraceLimit
  let format = OwnError.prepareStackTrace

  function works(): boolean {
    try {
      return typeof new OwnError('').stack === 'string'
    } catch {
      return false
    }
  }

  return {
    remember() {
      lines = OwnError.stackTraceLimit
      format = OwnError.prepareStackTrace
    },
    reset() {
      if (OwnError.stackTraceLimit !== lines) OwnError.stackTraceLimit = lines
      if (OwnError.prepareStackTrace === format) return
      if (works()) format = OwnError.prepareStackTrace
      else if (format) OwnError.prepareStackTrace = format
      else deleteProperty(OwnError, 'prepareStackTrace')
    },
  }
}
