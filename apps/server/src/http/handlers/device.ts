import type { DeviceFlow } from '../../device/device-flow.ts'
import type { HandlersOf } from '../route.ts'

export function deviceHandlers(
  device: DeviceFlow,
): HandlersOf<'startDevice' | 'deviceToken' | 'waitingDevice' | 'decideDevice'> {
  return {
    startDevice: ({ body, origin }) => device.start(body.client_id, origin),
    deviceToken: ({ body, origin }) => device.token(body, origin),
    waitingDevice: ({ who, body }) => device.find(body.userCode, who),
    decideDevice: ({ who, body, origin }) => device.decide(body.userCode, body.allow, who, origin),
  }
}
