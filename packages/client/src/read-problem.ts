import type { Problem, ProblemCode } from '@skycrate/contract/problem'
import { SkyCrateError } from './skycrate-error.ts'

/** Turns an answer that is not a success into the error to throw; consumes its body. */
export async function readProblem(response: Response): Promise<SkyCrateError> {
  const text = await response.text().catch(() => '')
  const problem = parseProblem(text)
  if (problem) return new SkyCrateError(problem)
  return new SkyCrateError({
    code: 'unexpected-response',
    title: 'The answer did not come from SkyCrate',
    detail: `Something on the way answered with status ${response.status}.`,
    status: response.status,
  })
}

// A code of a newer server is passed on as it is.
function parseProblem(text: string): (Problem & { code: ProblemCode }) | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { code, title, status } = value as Partial<Problem>
    const whole = typeof code === 'string' && typeof title === 'string' && typeof status === 'number'
    return whole ? (value as Problem & { code: ProblemCode }) : undefined
  } catch {
    return undefined
  }
}
