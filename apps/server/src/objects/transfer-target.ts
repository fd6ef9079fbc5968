import { AppError } from '../errors/app-error.ts'
import type { TransferInput } from './object-jobs.ts'

/** The key that an object goes to, while that is free. @param index of its item */
export function targetOf(items: TransferInput['items'], index: number, key: string): string {
  const item = items[index]!
  return 'key' in item ? item.toKey : `${item.toPrefix}${key.slice(item.prefix.length)}`
}

export const taken = (key: string): AppError =>
  new AppError('precondition-failed', `${key} exists already. Choose to keep both, replace or skip.`)
