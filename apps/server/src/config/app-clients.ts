import type { Parsed } from './setting.ts'

/** As Cognito has them. */
const CLIENT = /^[\w+]{1,128}$/

export const parseAppClients = (value: string): Parsed<readonly string[]> => {
  const ids = value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  return ids.every((id) => CLIENT.test(id))
    ? { value: ids }
    : { mistake: 'must be client ids (1 to 128 letters, digits, _ and +), separated by commas' }
}
