import { Agent } from 'node:http'
import { connect } from 'node:net'

/** An agent whose connections all go to a local socket, whatever host and port a request names. */
export function socketAgent(socketPath: string, maxSockets: number): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets })
  agent.createConnection = () => connect(socketPath)
  return agent
}
