import { type Filter, parse } from 'scim2-parse-filter'
import { checkSize } from '../users/directories/resource-filter.ts'
import { ScimError } from './scim-error.ts'

const MAX_LENGTH = 2000

/** @throws ScimError `invalidFilter`, FilterRefusedError @see RFC 7644 section 3.4.2.2 */
export function parseFilter(text: string): Filter {
  if (text.length > MAX_LENGTH) {
    throw new ScimError(400, `A filter may have ${MAX_LENGTH} characters.`, 'invalidFilter')
  }
  let filter: Filter
  try {
    filter = parse(text)
  } catch {
    throw new ScimError(400, 'The filter can’t be read.', 'invalidFilter')
  }
  checkSize(filter)
  return filter
}
