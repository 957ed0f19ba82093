import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Oscillator {
  readonly mass: number
  readonly damping: number
  readonly stiffness: number
  readonly displacement: number
  readonly duration: number
  readonly steps: number
}

/**
 * A mass on a damped spring, let go at a displacement: m x'' + c x' + k x = 0, integrated by the classic Runge-Kutta
 * method of fourth order. Reads `parameters.txt`, writes `trajectory.csv`.
 */
const PROGRAM = `
function acceleration(x, v) { return -(c * v + k * x) / m }
{ m = $1; c = $2; k = $3; x = $4; duration = $5; steps = $6 }
END {
  h = duration / steps
  v = 0
  print "time,position,velocity" > "trajectory.csv"
  for (i = 0; i <= steps; i++) {
    printf "%.10g,%.10g,%.10g\\n", i * h, x, v > "trajectory.csv"
    x1 = v;               v1 = acceleration(x, v)
    x2 = v + h / 2 * v1;  v2 = acceleration(x + h / 2 * x1, x2)
    x3 = v + h / 2 * v2;  v3 = acceleration(x + h / 2 * x2, x3)
    x4 = v + h * v3;      v4 = acceleration(x + h * x3, x4)
    x += h / 6 * (x1 + 2 * x2 + 2 * x3 + x4)
    v += h / 6 * (v1 + 2 * v2 + 2 * v3 + v4)
  }
}
`

/** Runs the program in a folder and reads what it left there. */
export async function simulateOscillator(spec: Oscillator, folder: string, signal: AbortSignal) {
  const { mass, damping, stiffness, displacement, duration, steps } = spec
  await writeFile(join(folder, 'integrate.awk'), PROGRAM)
  await writeFile(
    join(folder, 'parameters.txt'),
    `${[mass, damping, stiffness, displacement, duration, steps].join(' ')}\n`,
  )
  await runProgram('awk', ['-f', 'integrate.awk', 'parameters.txt'], folder, signal)
  const trajectory = join(folder, 'trajectory.csv')
  const positions = (await readFile(trajectory, 'utf8'))
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]))
  return {
    final_position: positions.at(-1)!,
    largest_overshoot: positions.reduce((most, x) => Math.max(most, -x * Math.sign(displacement)), 0),
    trajectory,
  }
}

export class ProgramError extends Error {
  override readonly name = 'ProgramError'
}

/** Runs a program to its end; aborting the signal ends it. In the C locale, in which numbers have a point everywhere. */
export async function runProgram(program: string, args: string[], folder: string, signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd: folder, signal, env: { ...process.env, LC_ALL: 'C' } })
  } catch (cause) {
    if (signal.aborted) throw cause
    const { code, stderr } = cause as { code?: string | number; stderr?: string }
    const problem =
      code === 'ENOENT'
        ? `The program ${program} was not found. Install it, or add its folder to PATH.`
        : `The program ${program} ended with ${code}: ${stderr?.trim()}`
    throw new ProgramError(problem, { cause })
  }
}
