import { LONGEST_ROW, TOO_LONG } from './longest.js'

/** The text of an array's item, and the number of the line in which it starts. */
export interface JsonItem {
  readonly text: string
  readonly line: number
}

/** A problem of a JSON array, with the line. */
export class JsonProblem extends Error {
  constructor(
    readonly line: number,
    problem: string,
  ) {
    super(`line ${line} ${problem}`)
  }
}

type State = 'before' | 'first' | 'item' | 'next' | 'after'

const BLANK = /\s/

/**
 * Cuts a JSON array into the texts of its items as it comes, in pieces of any length, so that the
 * array is never whole in memory. It does not parse the items. Throws `JsonProblem`.
 */
export class JsonSplitter {
  /** The number of the current line. */
  line = 1
  #state: State = 'before'
  #depth = 0
  #isText = false
  #isEscaped = false
  #item = ''
  #itemLine = 1
  /** A problem behind the items that were returned. */
  #problem: unknown

  /**
   * Returns the items that end in this piece. `check` throws a problem behind them, since problems
   * of the items themselves come first.
   */
  push(text: string): JsonItem[] {
    const items: JsonItem[] = []
    try {
      this.#take(text, items)
    } catch (error) {
      if (items.length === 0) throw error
      this.#problem = error
    }
    return items
  }

  /** Throws the problem behind the items that were returned, if there is one. */
  check(): void {
    if (this.#problem !== undefined) throw this.#problem
  }

  #take(text: string, items: JsonItem[]): void {
    let start = 0
    for (let i = 0; i < text.length; i++) {
      const char = text[i]!
      if (char === '\n') this.line += 1
      if (this.#state !== 'item') {
        if (BLANK.test(char) || this.#between(char)) continue
        this.#state = 'item'
        this.#itemLine = this.line
        start = i
      }
      if (!this.#endsItem(char)) continue
      items.push({ text: this.#item + text.slice(start, i), line: this.#itemLine })
      this.#item = ''
      this.#state = char === ',' ? 'next' : 'after'
    }
    if (this.#state === 'item') this.#item += text.slice(start)
    if (this.#item.length > LONGEST_ROW) throw new JsonProblem(this.#itemLine, TOO_LONG)
  }

  /** Throws if the array has not ended. */
  end(): void {
    if (this.#state === 'before') throw new JsonProblem(1, 'is not a JSON array: the file is empty.')
    if (this.#state !== 'after')
      throw new JsonProblem(this.line, 'ends before the JSON array does: the file is cut off.')
  }

  /** Takes a character outside of items. Returns whether the character does not start an item. */
  #between(char: string): boolean {
    if (this.#state === 'before') {
      if (char !== '[') {
        throw new JsonProblem(
          this.line,
          'does not begin a JSON array such as [{"rValue": 2.5}]. ' +
            "One object on each line is a .jsonl file; pandas: to_json(orient='records').",
        )
      }
      this.#state = 'first'
      return true
    }
    if (this.#state === 'after') throw new JsonProblem(this.line, 'has text after the end of the JSON array.')
    if (char === ']' && this.#state === 'first') {
      this.#state = 'after'
      return true
    }
    if (char === ',' || char === ']') throw new JsonProblem(this.line, `has a ${char} in the place of an item.`)
    return false
  }

  #endsItem(char: string): boolean {
    if (this.#isEscaped) this.#isEscaped = false
    else if (this.#isText) {
      if (char === '\\') this.#isEscaped = true
      else if (char === '"') this.#isText = false
    } else if (char === '"') this.#isText = true
    else if (char === '{' || char === '[') this.#depth += 1
    else if (char === ',' || char === ']' || char === '}') {
      if (this.#depth === 0 && char === '}') throw new JsonProblem(this.line, 'has a } that closes nothing.')
      if (this.#depth === 0) return true
      if (char !== ',') this.#depth -= 1
    }
    return false
  }
}
