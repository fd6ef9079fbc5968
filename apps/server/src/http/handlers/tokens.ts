import type { PersonalTokens } from '../../tokens/personal-tokens.ts'
import type { HandlersOf } from '../route.ts'

export function tokensHandlers(
  tokens: PersonalTokens,
): HandlersOf<'listTokens' | 'createToken' | 'deleteToken' | 'listUserTokens' | 'deleteUserToken'> {
  return {
    listTokens: ({ who }) => tokens.list(who.userId),
    createToken: ({ who, body, origin }) => tokens.create(who, body, origin),
    deleteToken: ({ who, params, origin }) => tokens.delete(params.id, who.userId, origin),
    listUserTokens: ({ params }) => tokens.listOf(params.id),
    deleteUserToken: ({ who, params, origin }) =>
      tokens.deleteOf(params.id, params.tokenId, { userId: who.userId, origin }),
  }
}
