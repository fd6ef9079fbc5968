import type { TLocalizedValidationError } from 'typebox/error'

/** What is wrong with a value, a sentence for each place in it. No value is repeated: it may be a secret. */
export function schemaMistakes(errors: readonly TLocalizedValidationError[]): string {
  return errors
    .filter(({ keyword }) => keyword !== 'boolean')
    .map((error) =>
      error.keyword === 'additionalProperties'
        ? `${error.instancePath} does not know ${error.params.additionalProperties.join(', ')}`
        : `${error.instancePath || 'the value'} ${error.message}`,
    )
    .join('; ')
}
