/**
 * Watches how error stacks are formatted: their number of lines and their formatter, which all
 * specs of a process share.
 */
export interface StackFormat {
  /** Records the current format as the valid one. */
  remember(): void
  /**
   * Restores the number of lines, and a formatter that throws or does not return text. Keeps
   * another formatter that works, because tools set one when they are first imported. Costs nothing
   * if neither was set.
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
