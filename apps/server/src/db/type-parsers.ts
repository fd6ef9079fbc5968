import { types, type CustomTypesConfig } from 'pg'

const { builtins } = types

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is beyond what a number holds exactly`)
  return value
}

const asText = (text: string): string => text

/**
 * What SQL values become, pinned for each connection whatever else in the process changes pg's own table:
 * int8 a number (a RangeError beyond 2^53 - 1, so cast to text what may be larger), numeric its exact text, timestamptz
 * a Date, date and timestamp without a zone their text (a Date would shift them by the machine's zone), json and jsonb
 * parsed, bytea a Buffer.
 */
export const TYPE_PARSERS: CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary') {
      if (oid === builtins.INT8) return parseInt8
      if (oid === builtins.NUMERIC || oid === builtins.DATE || oid === builtins.TIMESTAMP) return asText
    }
    return types.getTypeParser(oid, format ?? 'text')
  },
}
