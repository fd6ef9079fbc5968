/** S3 tells times in whole seconds, written as ISO 8601 with milliseconds of zero. */
export const isoTime = (milliseconds: number): string => new Date(Math.floor(milliseconds / 1000) * 1000).toISOString()
