/** The chat server, in a process of its own, with the quotas of a user so high that one user can be the load of many. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { privateKeyFromPem } from '@chat/mini-ca';
import { startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { answerSlices } from '../../measure/slices.ts';
import type { World } from '../world.ts';
import { answerLoopDelays } from './loop-delays.ts';

/** What the script needs. Default of the ports: any. */
interface Start {
  readonly worldFile: string;
  readonly store: string;
  readonly ports?: { readonly port: number; readonly enrolmentPort: number };
}

const [start] = (await once(process, 'message')) as [Start];
const world = JSON.parse(readFileSync(start.worldFile, 'utf8')) as World;
const ignore = (): void => undefined;
const unlimited = 1e12;
const server = await startServer({
  ca: { certificate: world.ca, privateKey: privateKeyFromPem(world.caKey) },
  store: await openSqliteStore(start.store),
  log: { debug: ignore, info: ignore, warn: console.error, error: console.error },
  enrolment: { host: '127.0.0.1', port: start.ports?.enrolmentPort ?? 0, policy: 'open' },
  chat: { host: '127.0.0.1', port: start.ports?.port ?? 0 },
  limits: {
    requestsPerSecond: unlimited,
    requestBurst: unlimited,
    bytesPerSecond: unlimited,
    byteBurst: unlimited,
    messageBytesPerUserAndDay: unlimited,
    messageBytesPerRoomAndDay: unlimited,
    messageBytesPerDay: unlimited,
    // All users come from one host.
    waitingConnections: unlimited,
    waitingPerHost: unlimited,
    failuresPerHostAndMinute: unlimited,
    failuresPerMinute: unlimited,
    linksPerDay: unlimited,
    linkBurst: unlimited,
  },
});
process.once('disconnect', () => process.exit());
answerLoopDelays();
answerSlices();
process.send?.({ port: server.chatAddress.port, enrolmentPort: server.enrolmentAddress.port });
