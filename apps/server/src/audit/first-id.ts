import { createId, type EventId } from '@skycrate/core/naming/id'

const NO_RANDOMNESS = new Uint8Array(10)

/**
 * The least id of an event at that time: ids begin with their time, so a time window is a range of the primary key.
 * @param time milliseconds since the epoch; before 1970 counts as 1970, when nothing was recorded
 */
export const firstIdOf = (time: number): EventId => createId('evt', Math.max(0, time), NO_RANDOMNESS)
