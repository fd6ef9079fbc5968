import type { Attribute, AttributeRequest } from './attributes.ts'
import { isRefusal } from './s3-failure.ts'

/** What a target has refused before, so that it is not asked for it again with each object. */
export type RefusedRequests = Set<string>

const nameOf = ({ attribute, input }: AttributeRequest): string => `${attribute} ${JSON.stringify(input)}`

/**
 * Sends a write that asks for everything; when the store refuses, without each thing alone, then without all, so that one
 * thing that it can't keep costs no other.
 *
 * @throws what the store says where even the bare write is refused
 */
export const sendWithoutRefused = async <T>(
  requests: readonly AttributeRequest[],
  refused: RefusedRequests,
  send: (requests: readonly AttributeRequest[]) => Promise<T>,
): Promise<T> => {
  const asked = requests.filter((request) => !refused.has(nameOf(request)))
  const attempts: (readonly AttributeRequest[])[] = [
    asked,
    ...(asked.length > 1 ? asked.map((left) => asked.filter((request) => request !== left)) : []),
    ...(asked.length > 0 ? [[]] : []),
  ]
  let refusal: unknown
  for (const attempt of attempts) {
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
