import { useState } from 'react'

/** A choice that this browser remembers. @param name in its storage */
export function useRemembered(name: string, initial: string): [value: string, change: (value: string) => void] {
  const [value, setValue] = useState(() => localStorage.getItem(name) ?? initial)
  return [
    value,
    (next) => {
      localStorage.setItem(name, next)
      setValue(next)
    },
  ]
}
