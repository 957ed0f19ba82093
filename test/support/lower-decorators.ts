import { dirname } from 'node:path'
import ts from 'typescript'
import type { Plugin } from 'vitest/config'

/** Vite leaves standard decorators as they are, and Node does not know them: TypeScript compiles the files that have some. */
export function lowerDecorators(): Plugin {
  return {
    name: 'lower-decorators',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.[cm]?ts$/.test(id) || !/(^|[\s{;)])@[a-z_$]/im.test(code)) return null
      const { outputText, sourceMapText } = ts.transpileModule(code, {
        fileName: id,
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
          experimentalDecorators: hasOldDecorators(id),
          sourceMap: true,
        },
      })
      return { code: outputText, map: sourceMapText ?? null }
    },
  }
}

/** Whether the nearest tsconfig.json asks for decorators as they were before the standard. */
function hasOldDecorators(file: string): boolean {
  const path = ts.findConfigFile(dirname(file), ts.sys.fileExists)
  return (
    path !== undefined &&
    ts.readConfigFile(path, ts.sys.readFile).config?.compilerOptions?.experimentalDecorators === true
  )
}
