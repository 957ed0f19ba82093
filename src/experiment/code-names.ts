/** Words that name no constant, and names that the written module itself uses. */
const TAKEN =
  `await break case catch class const continue debugger default delete do else enum export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static super switch
  this throw true try typeof var void while with yield arguments eval undefined
  z fileReference remoteExperiment Date Number RegExp`.split(/\s+/)

/** Chooses names for the constants of a module, each once. */
export interface ConstantNames {
  /** Returns `wanted`, else it with what makes it a name that nothing else has. */
  take(wanted: string): string
}

export function constantNames(): ConstantNames {
  const taken = new Set(TAKEN)
  return {
    take(wanted) {
      const letters = wanted.replace(/[^A-Za-z0-9_$]/g, '')
      const base = /^[A-Za-z_$]/.test(letters) ? letters : `_${letters}`
      let name = base
      for (let n = 2; taken.has(name); n++) name = `${base}${n}`
      taken.add(name)
      return name
    },
  }
}
