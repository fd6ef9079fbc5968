import type { ContentBook } from './content-book.ts'
import { Difference } from './difference.ts'
import type { KeyEvent } from './key-event.ts'
import { stepKey } from './key-model.ts'
import { EMPTY_KEY } from './key-state.ts'
import type { KeyState } from './key-state.ts'
import { linearize } from './linearize.ts'

const BUDGET = 400_000
/** Events of a key that a report shows. */
const SHOWN = 14

const describe = ({ name, action, outcome, start, end, isLost, versioning }: KeyEvent): string =>
  `  ${start.toFixed(2)}–${end.toFixed(2)} ${name} ${versioning} ${JSON.stringify(action)} → ${
    isLost ? 'no answer' : JSON.stringify(outcome)
  }`

/**
 * What happened to one key. With one client at a time each event is held against the model at once; with several the
 * whole is, at the end, in every order that their times allow.
 */
export class KeyHistory {
  readonly #path: string
  readonly #contents: ContentBook
  readonly #isSequential: boolean
  readonly #events: KeyEvent[] = []
  #states: readonly KeyState[] = [EMPTY_KEY]

  constructor(path: string, contents: ContentBook, isSequential: boolean) {
    this.#path = path
    this.#contents = contents
    this.#isSequential = isSequential
  }

  /** @throws Difference */
  record(event: KeyEvent): void {
    this.#events.push(event)
    if (!this.#isSequential) return
    const next = this.#states.flatMap((state) => {
      const after = stepKey(state, event, this.#contents)
      return [...(event.isLost ? [state] : []), ...(after === undefined ? [] : [after])]
    })
    if (next.length === 0) {
      throw this.#difference('the last of these has an answer that the model does not give', this.#events, [
        `  the model: ${JSON.stringify(this.#states)}`,
      ])
    }
    this.#states = [...new Map(next.map((state) => [JSON.stringify(state), state])).values()]
  }

  /** What the key holds, where that is certain. */
  certain(): KeyState | undefined {
    return this.#isSequential && this.#states.length === 1 ? this.#states[0] : undefined
  }

  /**
   * Holds everything against the model.
   *
   * @returns false when no answer was found in time
   * @throws Difference
   */
  check(): boolean {
    if (this.#isSequential) return true
    const found = linearize<KeyState, KeyEvent>(this.#events, {
      initial: EMPTY_KEY,
      step: (state, event) => stepKey(state, event, this.#contents),
      identify: (state) => JSON.stringify(state),
      before: this.#orderSeen(),
      budget: BUDGET,
    })
    if (found.verdict === 'impossible') {
      const { order, stuck } = found
      let state = EMPTY_KEY
      for (const event of order) state = stepKey(state, event, this.#contents) ?? state
      throw this.#difference('no order of these explains their answers; the best ends here', order, [
        `  the model then: ${JSON.stringify(state)}`,
        '  and none of these can be next:',
        ...stuck.map(describe),
      ])
    }
    return found.verdict === 'possible'
  }

  /** The order in which listings show versions is that in which they were made. */
  #orderSeen(): Map<KeyEvent, KeyEvent[]> {
    const makers = new Map<string, KeyEvent>()
    for (const event of this.#events) {
      const { action } = event
      // Not completions: asking again repeats the answer of one that may never have come.
      const isMaker = action.kind === 'put' || (action.kind === 'delete' && action.versionId === undefined)
      const id = event.outcome?.['versionId']
      if (isMaker && typeof id === 'string' && id !== 'null' && !makers.has(id)) makers.set(id, event)
    }
    const before = new Map<KeyEvent, KeyEvent[]>()
    for (const { action } of this.#events) {
      if (action.kind !== 'versions-listed') continue
      const shown = action.versions.flatMap(({ id }) => makers.get(id) ?? [])
      for (const [at, older] of shown.entries()) {
        const newer = shown[at - 1]
        if (newer !== undefined && newer !== older) before.set(newer, [...(before.get(newer) ?? []), older])
      }
    }
    return before
  }

  #difference(what: string, events: readonly KeyEvent[], more: readonly string[]): Difference {
    const shown = events.slice(-SHOWN)
    const left = events.length - shown.length
    const lines = [...(left === 0 ? [] : [`  (${left} before)`]), ...shown.map(describe), ...more]
    return new Difference(`${this.#path}: ${what}\n${lines.join('\n')}`)
  }
}
