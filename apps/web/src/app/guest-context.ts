import { createContext, use } from 'react'

export const GuestContext = createContext(false)

/** Whether the page is shown to somebody who is not signed in: it offers what routes for guests can do. */
export const useIsGuest = (): boolean => use(GuestContext)
