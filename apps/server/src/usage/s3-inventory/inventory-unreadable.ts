import { AppError } from '../../errors/app-error.ts'

/** @param what is wrong with which file, as the end of a sentence */
export const inventoryUnreadable = (what: string, cause?: unknown): AppError =>
  new AppError('inventory-unreadable', `The inventory cannot be read: ${what}.`, cause === undefined ? {} : { cause })
