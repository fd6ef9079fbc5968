type News = 'signed-in' | 'signed-out'

/** The other tabs of this browser, which share its session. */
export interface Tabs {
  tell(news: News): void
}

const CHANNEL = 'skycrate.session'

/** Hears what the other tabs tell, and nothing of what this one does. */
export function createTabs(on: { readonly signedIn: () => void; readonly signedOut: () => void }): Tabs {
  const channel = new BroadcastChannel(CHANNEL)
  channel.addEventListener('message', ({ data }: MessageEvent<News>) => {
    if (data === 'signed-in') on.signedIn()
    if (data === 'signed-out') on.signedOut()
  })
  return { tell: (news) => channel.postMessage(news) }
}
