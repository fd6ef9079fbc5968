import { WasmCode } from './wasm-code.ts'

/** Bytes that MD5 takes at once. */
export const BLOCK_BYTES = 64
const WORDS = 16

/** Locals that hold MD5's a, b, c and d. */
type State = readonly [number, number, number, number]

/** What MD5 computes with: one number, or four streams' numbers at once. */
interface Arithmetic {
  readonly add: () => void
  readonly and: () => void
  readonly or: () => void
  readonly xor: () => void
  readonly not: () => void
  readonly constant: (value: number) => void
  /** Turns the number in a local to the left, and leaves it on the stack. */
  readonly turned: (local: number, bits: number) => void
}

const scalar = (code: WasmCode): Arithmetic => ({
  add: () => code.i32('add'),
  and: () => code.i32('and'),
  or: () => code.i32('or'),
  xor: () => code.i32('xor'),
  not: () => code.constantI32(-1).i32('xor'),
  constant: (value) => code.constantI32(value),
  turned: (local, bits) => code.get(local).constantI32(bits).i32('rotl'),
})

const vector = (code: WasmCode): Arithmetic => ({
  add: () => code.v128('add'),
  and: () => code.v128('and'),
  or: () => code.v128('or'),
  xor: () => code.v128('xor'),
  not: () => code.v128('not'),
  constant: (value) => code.constantV128(value),
  turned: (local, bits) => {
    code.get(local).constantI32(bits).v128('shl')
    code
      .get(local)
      .constantI32(32 - bits)
      .v128('shr_u')
    code.v128('or')
  },
})

const SHIFTS: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
]
const WORD_ORDERS: readonly ((step: number) => number)[] = [
  (step) => step,
  (step) => 5 * step + 1,
  (step) => 3 * step + 5,
  (step) => 7 * step,
]

/**
 * One of MD5's 64 steps, on locals that keep their places: which of them is a, b, c and d moves by one with each step.
 *
 * @param pushWord leaves a word of the block on the stack
 * @see https://www.rfc-editor.org/rfc/rfc1321 section 3.4
 */
const writeStep = (
  code: WasmCode,
  { add, and, or, xor, not, constant, turned }: Arithmetic,
  step: number,
  state: State,
  pushWord: (word: number) => void,
): void => {
  const at = (place: number): number => state[(place - step + 64) % 4] ?? 0
  const [a, b, c, d] = [at(0), at(1), at(2), at(3)]
  const round = Math.floor(step / WORDS)
  code.get(a)
  pushWord((WORD_ORDERS[round]?.(step) ?? 0) % WORDS)
  constant(Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32))
  add()
  add()
  // b is known last: what does not need it is computed before.
  switch (round) {
    case 0:
      code.get(c, d)
      xor()
      code.get(b)
      and()
      code.get(d)
      xor()
      break
    case 1:
      code.get(d)
      not()
      code.get(c)
      and()
      add()
      code.get(b, d)
      and()
      break
    case 2:
      code.get(c, d)
      xor()
      code.get(b)
      xor()
      break
    default:
      code.get(d)
      not()
      code.get(b)
      or()
      code.get(c)
      xor()
  }
  add()
  code.set(a)
  turned(a, SHIFTS[round]?.[step % 4] ?? 0)
  code.get(b)
  add()
  code.set(a)
}

// Parameters of all functions.
const TABLE = 0
const STATES = 1
const BLOCKS = 2
const PARAMETERS = ['i32', 'i32', 'i32'] as const

const forEachBlock = (code: WasmCode, body: () => void): void => {
  code.while(
    () => code.get(BLOCKS),
    () => {
      body()
      code.get(BLOCKS).constantI32(1).i32('sub').set(BLOCKS)
    },
  )
}

const four = (local: (at: number) => number): State => [local(0), local(1), local(2), local(3)]

/** As `md5Lanes`, for one stream: as quick for that as MD5 is. */
export const md5Alone = (): WasmCode => {
  const code = new WasmCode(PARAMETERS)
  const arithmetic = scalar(code)
  const integer = (): number => code.local('i32')
  const pointer = integer()
  const [state, before] = [four(integer), four(integer)]
  code.get(TABLE).loadI32(0).set(pointer)
  for (const [at, local] of state.entries())
    code
      .get(STATES)
      .loadI32(4 * at)
      .set(local)
  forEachBlock(code, () => {
    for (const [at, local] of before.entries()) code.get(state[at] ?? 0).set(local)
    for (let step = 0; step < 64; step++) {
      writeStep(code, arithmetic, step, state, (word) => code.get(pointer).loadI32(4 * word))
    }
    for (const [at, local] of before.entries())
      code
        .get(local, state[at] ?? 0)
        .i32('add')
        .set(state[at] ?? 0)
    code.get(pointer).constantI32(BLOCK_BYTES).i32('add').set(pointer)
  })
  for (const [at, local] of state.entries())
    code
      .get(STATES)
      .get(local)
      .storeI32(4 * at)
  return code
}

/** Four streams: where their next blocks lie, and vectors of their numbers. */
interface Group {
  readonly pointers: State
  readonly state: State
  readonly before: State
  readonly words: readonly number[]
}

/** Loads the next block of each stream, and turns them round: a vector has the same word of all four. */
const loadBlocks = (code: WasmCode, { pointers, words }: Group, spare: State): void => {
  for (let quarter = 0; quarter < 4; quarter++) {
    for (const [lane, local] of spare.entries())
      code
        .get(pointers[lane] ?? 0)
        .loadV128(16 * quarter)
        .set(local)
    const [first, second, third, fourth] = four((at) => words[4 * quarter + at] ?? 0)
    const [a, b, c, d] = spare
    code.get(a, b).shuffle([0, 4, 1, 5]).set(first)
    code.get(a, b).shuffle([2, 6, 3, 7]).set(third)
    code.get(c, d).shuffle([0, 4, 1, 5]).set(a)
    code.get(c, d).shuffle([2, 6, 3, 7]).set(b)
    code.get(first, a).shuffle([2, 3, 6, 7]).set(second)
    code.get(first, a).shuffle([0, 1, 4, 5]).set(first)
    code.get(third, b).shuffle([2, 3, 6, 7]).set(fourth)
    code.get(third, b).shuffle([0, 1, 4, 5]).set(third)
  }
}

/**
 * MD5 of several streams at once. One stream can't be digested quicker than a processor does 64 steps, each of which
 * needs the one before; but a processor does the steps of four streams in the time of one.
 *
 * The function takes the address of a table of addresses, one a stream, of where its blocks lie; the address of the
 * states: for each four streams the a of all four, then each one's b, c and d; and how many blocks of each stream to take.
 *
 * @param groups of four streams; with two, what the processor has to wait for in one is time for the other
 */
export const md5Lanes = (groups: number): WasmCode => {
  const code = new WasmCode(PARAMETERS)
  const arithmetic = vector(code)
  const integer = (): number => code.local('i32')
  const numbers = (): number => code.local('v128')
  const all = Array.from({ length: groups }, (): Group => ({
    pointers: four(integer),
    state: four(numbers),
    before: four(numbers),
    words: Array.from({ length: WORDS }, numbers),
  }))
  const spare = four(numbers)
  const stateOffset = (group: number, at: number): number => 16 * (4 * group + at)

  for (const [group, { pointers, state }] of all.entries()) {
    for (const [lane, local] of pointers.entries())
      code
        .get(TABLE)
        .loadI32(4 * (4 * group + lane))
        .set(local)
    for (const [at, local] of state.entries()) code.get(STATES).loadV128(stateOffset(group, at)).set(local)
  }
  forEachBlock(code, () => {
    for (const group of all) {
      loadBlocks(code, group, spare)
      for (const local of group.pointers) code.get(local).constantI32(BLOCK_BYTES).i32('add').set(local)
      for (const [at, local] of group.before.entries()) code.get(group.state[at] ?? 0).set(local)
    }
    for (let step = 0; step < 64; step++) {
      for (const { state, words } of all) {
        writeStep(code, arithmetic, step, state, (word) => code.get(words[word] ?? 0))
      }
    }
    for (const { state, before } of all) {
      for (const [at, local] of before.entries())
        code
          .get(local, state[at] ?? 0)
          .v128('add')
          .set(state[at] ?? 0)
    }
  })
  for (const [group, { state }] of all.entries()) {
    for (const [at, local] of state.entries()) code.get(STATES).get(local).storeV128(stateOffset(group, at))
  }
  return code
}
