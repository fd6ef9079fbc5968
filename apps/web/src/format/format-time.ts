const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const SECONDS = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

/** In the person's own language and time zone. */
export const formatTime = (iso: string): string => DATE.format(new Date(iso))

export const formatTimeToTheSecond = (iso: string): string => SECONDS.format(new Date(iso))

/** With seconds and the zone's name. */
export const formatExactTime = (iso: string): string => EXACT.format(new Date(iso))
