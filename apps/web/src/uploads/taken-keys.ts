/**
 * Keys that are known to be taken, by their composed form (NFC): what another program stored in decomposed form looks the
 * same to a person, and is the file that a new one of that name would replace.
 */
export type TakenKeys = ReadonlyMap<string, string>

export const takenKeys = (keys: readonly string[]): TakenKeys => new Map(keys.map((key) => [key.normalize('NFC'), key]))
