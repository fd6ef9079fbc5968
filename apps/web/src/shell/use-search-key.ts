import { useEffect } from 'react'

const TYPING = 'input:not([type="checkbox"]), textarea, [contenteditable], [role="dialog"], [role="menu"]'

/** "/" goes to the search field of the page, where it has one. */
export function useSearchKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (event.target instanceof Element && event.target.closest(TYPING)) return
      const field = document.querySelector<HTMLElement>('main :is(input[type="search"], [role="searchbox"])')
      if (!field) return
      event.preventDefault()
      field.focus()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
