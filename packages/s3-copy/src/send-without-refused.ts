import type { Attribute, AttributeRequest } from './attributes.ts'
import { isRefusal } from './s3-failure.ts'

/** What a target has refused before, so that it is not asked for it again with each object. */
export type RefusedRequests = Set<string>

const nameOf = ({ attribute, input }: AttributeRequest): string => `${attribute} ${JSON.stringify(input)}`

/** All choices out of a list, larger ones first. */
const choices = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: 2 ** items.length }, (_, bits) =>
    items.filter((_item, at) => ((bits >> at) & 1) === 1),
  ).toSorted((a, b) => b.length - a.length)

/**
 * Sends a write that asks for everything; when the store refuses, without one thing, then without two, down to none, so that
 * what it can't keep costs nothing else. Each write that succeeds makes a version, so things can't be tried one by one.
 *
 * @throws what the store said first where even the bare write is refused
 */
export const sendWithoutRefused = async <T>(
  requests: readonly AttributeRequest[],
  refused: RefusedRequests,
  send: (requests: readonly AttributeRequest[]) => Promise<T>,
): Promise<T> => {
  const asked = requests.filter((request) => !refused.has(nameOf(request)))
  let refusal: unknown
  for (const attempt of choices(asked)) {
    try {
      const result = await send(attempt)
      // Tags and dates are each object's own: what is refused of one may be fine of another.
      const lasting: readonly Attribute[] = ['storage class', 'encryption']
      for (const request of asked) {
        if (!attempt.includes(request) && lasting.includes(request.attribute)) refused.add(nameOf(request))
      }
      return result
    } catch (error) {
      if (!isRefusal(error)) throw error
      refusal ??= error
    }
  }
  throw refusal
}
