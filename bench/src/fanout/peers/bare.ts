/** The least that a server in Node can do: it stores and checks nothing. */

import { type Peer, topics } from './peer.ts';
import { startScript } from './script.ts';

/** The bare server, for messages of this size. */
export const bareServer = (name: string, messageBytes: number): Peer => ({
  name,
  dialect: 'bare',
  messageBytes,
  missing: null,
  async start(setting) {
    const { worldFile } = setting;
    return { ...(await startScript('bare-server.ts', { worldFile })), rooms: topics(setting), message: '' };
  },
});
