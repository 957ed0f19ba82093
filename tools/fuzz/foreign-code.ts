import ts from 'typescript'

/** What code of ours is made of; anything else came in with a value. */
const KINDS = new Set([
  ...[
    ts.SyntaxKind.ImportDeclaration,
    ts.SyntaxKind.ImportClause,
    ts.SyntaxKind.NamedImports,
    ts.SyntaxKind.ImportSpecifier,
  ],
  ...[ts.SyntaxKind.VariableStatement, ts.SyntaxKind.VariableDeclarationList, ts.SyntaxKind.VariableDeclaration],
  ...[ts.SyntaxKind.ExportKeyword, ts.SyntaxKind.EndOfFileToken, ts.SyntaxKind.Identifier, ts.SyntaxKind.StringLiteral],
  ...[ts.SyntaxKind.CallExpression, ts.SyntaxKind.PropertyAccessExpression, ts.SyntaxKind.NewExpression],
  ...[ts.SyntaxKind.ObjectLiteralExpression, ts.SyntaxKind.PropertyAssignment, ts.SyntaxKind.ComputedPropertyName],
  ...[ts.SyntaxKind.ArrayLiteralExpression, ts.SyntaxKind.NumericLiteral, ts.SyntaxKind.PrefixUnaryExpression],
  ...[ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword],
  ...[ts.SyntaxKind.GetAccessor, ts.SyntaxKind.Block, ts.SyntaxKind.ReturnStatement],
  ...[ts.SyntaxKind.ArrowFunction, ts.SyntaxKind.EqualsGreaterThanToken],
])
const CALLED = /^(z|remoteExperiment|fileReference|Date|RegExp|Number|[A-Z_]\w*|_\w*)$/

/** Returns what is wrong with a module that was written of an io spec: what does not parse, and what is not ours. */
export function foreign(module: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(module, { reportDiagnostics: true, fileName: 'x.ts' })
  const problems = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  const file = ts.createSourceFile('x.ts', module, ts.ScriptTarget.Latest, true)
  const declared = new Set(['z', 'remoteExperiment', 'fileReference', 'Date', 'RegExp', 'Number'])
  const visit = (node: ts.Node): void => {
    if (node.kind !== ts.SyntaxKind.SourceFile && !KINDS.has(node.kind)) problems.push(ts.SyntaxKind[node.kind])
    if (ts.isVariableDeclaration(node)) {
      const name = node.name.getText()
      if (declared.has(name)) problems.push(`${name} is declared twice`)
      declared.add(name)
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      let callee: ts.Node = node.expression
      while (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) callee = callee.expression
      if (!ts.isIdentifier(callee) || !CALLED.test(callee.text)) problems.push(`calls ${callee.getText()}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return problems
}
