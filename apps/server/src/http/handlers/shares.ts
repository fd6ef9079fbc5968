import type { SharedLinks } from '../../shares/shared-links.ts'
import type { Shares } from '../../shares/shares.ts'
import type { HandlersOf } from '../route.ts'

export function sharesHandlers(
  shares: Shares,
  links: SharedLinks,
): HandlersOf<
  | 'listShares'
  | 'listAllShares'
  | 'createShare'
  | 'revokeShare'
  | 'sharing'
  | 'updateSharing'
  | 'sharedLink'
  | 'unlockShare'
  | 'listShared'
  | 'downloadShared'
  | 'uploadShared'
> {
  return {
    listShares: ({ who, query }) => shares.list(who.userId, query),
    listAllShares: ({ query }) => shares.listAll(query),
    createShare: ({ who, body, origin }) => shares.create(who, body, origin),
    revokeShare: ({ who, params, origin }) => shares.revoke(params.id, who, origin),
    sharing: async () => ({ enabled: await shares.isEnabled() }),
    async updateSharing({ who, body, origin }) {
      await shares.setEnabled(body.enabled, who.userId, origin)
      return { enabled: body.enabled }
    },
    sharedLink: ({ params, origin }) => links.open(params.token, origin),
    unlockShare: ({ params, body, origin }) => links.unlock(params.token, body.password, origin),
    listShared: ({ params, body, origin }) => links.list(params.token, body, origin),
    downloadShared: ({ params, body, origin }) => links.download(params.token, body, origin),
    uploadShared: ({ params, body, origin }) => links.upload(params.token, body, origin),
  }
}
