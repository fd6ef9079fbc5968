import type { OwnSessions } from '../../accounts/own-sessions.ts'
import type { HandlersOf } from '../route.ts'

export function sessionsHandlers(
  sessions: OwnSessions,
): HandlersOf<'listSessions' | 'endOtherSessions' | 'endSession'> {
  return {
    listSessions: ({ who }) => sessions.list(who),
    endOtherSessions: ({ who, origin }) => sessions.endOthers(who, origin),
    endSession: ({ who, params, origin }) => sessions.end(params.id, who, origin),
  }
}
