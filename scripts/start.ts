// `npm start`: the web app is built where it is not, then the server runs in this very process, so that signals reach it.
import { buildWeb } from './build-web.ts'

buildWeb()
await import('../apps/server/src/process/main.ts')
