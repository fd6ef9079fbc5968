import type { Homes } from '../../homes/homes.ts'
import type { HandlersOf } from '../route.ts'

export function homeHandlers(homes: Homes): HandlersOf<'home'> {
  return {
    home: ({ who, origin }) => homes.home(who, origin),
  }
}
