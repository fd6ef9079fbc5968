/** Does something with each, a few at once, and waits for all that has begun. @throws the first failure */
export async function atOnce<T>(items: Iterable<T>, limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]()
  let failed = false
  const next = async (): Promise<void> => {
    for (let each = rest.next(); !failed && !each.done; each = rest.next()) {
      try {
        await work(each.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: limit }, next))
  for (const each of ended) if (each.status === 'rejected') throw each.reason
}
