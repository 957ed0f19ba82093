/** The same function, that remembers its last answer: thousands of parts in a row ask the same. */
export function rememberLast<Asked, Answer>(answer: (asked: Asked) => Answer): (asked: Asked) => Answer {
  let last: { readonly asked: Asked; readonly answer: Answer } | undefined
  return (asked) => {
    if (last?.asked !== asked) last = undefined
    last ??= { asked, answer: answer(asked) }
    return last.answer
  }
}
