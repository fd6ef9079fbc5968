/** Something that was asked of a key, and happened at one moment between its start and its end. */
export interface Timed {
  readonly start: number
  readonly end: number
  /** Its answer never came: it may not have happened at all. */
  readonly isLost: boolean
}

export type Linearization<Event> =
  | { readonly verdict: 'possible' }
  /** `order` is the longest that could be explained, `stuck` what can't come next then. */
  | { readonly verdict: 'impossible'; readonly order: readonly Event[]; readonly stuck: readonly Event[] }
  | { readonly verdict: 'undecided' }

export interface LinearizeOptions<State, Event> {
  readonly initial: State
  /** Undefined when the event can't have happened in this state with this answer. */
  readonly step: (state: State, event: Event) => State | undefined
  /** Equal for states that can't be told apart. */
  readonly identify: (state: State) => string
  /** Positions of events that came before another, known otherwise; only narrows the search. */
  readonly before?: ReadonlyMap<Event, readonly Event[]>
  /** Steps to try before giving up. */
  readonly budget: number
}

/**
 * Whether there is an order of all events, each at a moment between its start and its end, that explains every answer.
 * Depth first, with what was tried remembered.
 *
 * @see Wing and Gong, Testing and Verifying Concurrent Objects, 1993; Lowe, Testing for Linearizability, 2017
 */
export const linearize = <State, Event extends Timed>(
  events: readonly Event[],
  { initial, step, identify, before, budget }: LinearizeOptions<State, Event>,
): Linearization<Event> => {
  const sorted = events.toSorted((a, b) => a.start - b.start)
  const placeOf = new Map(sorted.map((event, at) => [event, at]))
  const waits = sorted.map((event) => (before?.get(event) ?? []).map((earlier) => placeOf.get(earlier) ?? -1))
  const done = new Uint8Array(sorted.length)
  const tried = new Set<string>()
  const path: Event[] = []
  let longest: { order: readonly Event[]; stuck: readonly Event[] } = { order: [], stuck: [] }
  let steps = 0

  /** What may come next: nothing that is not done ended before it began. */
  const candidates = (first: number): number[] => {
    const found: number[] = []
    let earliestEnd = Number.POSITIVE_INFINITY
    for (let at = first; at < sorted.length; at++) {
      const event = sorted[at]
      if (event === undefined || done[at] === 1) continue
      if (event.start > earliestEnd) break
      earliestEnd = Math.min(earliestEnd, event.end)
      found.push(at)
    }
    return found
      .filter((at) => (waits[at] ?? []).every((earlier) => earlier < 0 || done[earlier] === 1))
      .toSorted((a, b) => (sorted[a]?.end ?? 0) - (sorted[b]?.end ?? 0))
  }

  const search = (state: State, from: number): 'possible' | 'impossible' | 'undecided' => {
    let first = from
    while (first < sorted.length && done[first] === 1) first += 1
    if (first === sorted.length) return 'possible'
    let key = `${first}`
    for (let at = first; at < sorted.length && (sorted[at]?.start ?? 0) <= (sorted[first]?.end ?? 0); at++) {
      if (done[at] === 1) key += `,${at}`
    }
    key += `|${identify(state)}`
    if (tried.has(key)) return 'impossible'
    tried.add(key)
    const next = candidates(first)
    for (const at of next) {
      const event = sorted[at]
      if (event === undefined) continue
      steps += 1
      if (steps > budget) return 'undecided'
      const after = step(state, event)
      if (after === undefined) continue
      done[at] = 1
      path.push(event)
      const verdict = search(after, first)
      if (verdict !== 'impossible') return verdict
      path.pop()
      done[at] = 0
    }
    for (const at of next) {
      if (sorted[at]?.isLost !== true) continue
      done[at] = 1
      const verdict = search(state, first)
      if (verdict !== 'impossible') return verdict
      done[at] = 0
    }
    if (path.length >= longest.order.length) {
      longest = { order: [...path], stuck: next.flatMap((at) => sorted[at] ?? []) }
    }
    return 'impossible'
  }

  const verdict = search(initial, 0)
  return verdict === 'impossible' ? { verdict, ...longest } : { verdict }
}
