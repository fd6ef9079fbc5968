import { useEffect } from 'react'

/**
 * Keeps the keyboard's place: when what had the focus disappears (a deleted row, a closed form, a page that was left),
 * the browser gives the focus to the document's body, and Tab begins anew at the top. It goes to the nearest thing
 * around it that is still there and takes the focus, which is the page's `main` at the latest.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    /** What has the focus, and what it lies in, from the inside out. */
    let path: readonly Element[] = []
    const onFocus = (event: FocusEvent): void => {
      const found: Element[] = []
      for (let each = event.target as Element | null; each; each = each.parentElement) found.push(each)
      path = found
    }
    const observer = new MutationObserver(() => {
      if (path.length === 0 || path[0]?.isConnected || document.activeElement !== document.body) return
      const around = path.find((each) => each.isConnected && each.matches('[tabindex]'))
      const next = around ?? document.querySelector('main[tabindex]')
      if (next instanceof HTMLElement) next.focus({ preventScroll: true })
    })
    document.addEventListener('focusin', onFocus)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => {
      document.removeEventListener('focusin', onFocus)
      observer.disconnect()
    }
  }, [])
}
