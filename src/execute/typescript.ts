const TYPESCRIPT = /\.[cm]?tsx?$/
const TSX = /(^|[=\\/])tsx([\\/]|$)/

export function isTypeScript(module: string): boolean {
  return TYPESCRIPT.test(module)
}

/** Whether Node was started, or is to be, so that it loads TypeScript. */
export function hasTsx(options: readonly string[]): boolean {
  return options.some((option) => TSX.test(option))
}

let registered: Promise<void> | undefined

/** Has this process load TypeScript from now on. What is loaded already, our own modules, has not been slowed down by it. */
export function registerTsx(): Promise<void> {
  registered ??= Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]).then(([esm, cjs]) => {
    esm.register()
    cjs.register()
  })
  return registered
}
