/** The server of the abuse benchmark, in a process of its own: default limits but one, a store on disk, and its memory on request. */
import { once } from 'node:events';
import { privateKeyFromPem } from '@chat/mini-ca';
import { startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';

/** What the benchmark passes to its server. */
interface Start {
  readonly certificate: string;
  readonly privateKey: string;
  readonly store: string;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const [start] = (await once(process, 'message')) as [Start];
const server = await startServer({
  ca: { certificate: start.certificate, privateKey: privateKeyFromPem(start.privateKey) },
  store: await openSqliteStore(start.store),
  log: silent,
  enrolment: { host: '127.0.0.1', port: 0, policy: 'open' },
  chat: { host: '127.0.0.1', port: 0 },
  // All users of the benchmark enrol from one address before the first attack.
  limits: { newNamesPerHostAndHour: 200 },
});
process.on('message', ({ id, what }: { readonly id: number; readonly what: 'look' | 'collect' }) => {
  if (what === 'collect') globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ id, answer: { ...process.memoryUsage(), cpuMs: (user + system) / 1_000 } });
});
process.once('disconnect', () => process.exit());
process.send?.({ enrolment: server.enrolmentAddress.port, chat: server.chatAddress.port });
