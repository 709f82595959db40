/** The server of the abuse benchmark, in a process of its own: default limits, a store on disk, and its memory on request. */
import { once } from 'node:events';
import { privateKeyFromPem } from '@chat/mini-ca';
import { fromBase64url } from '@chat/protocol';
import { startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';

/** What the benchmark passes to its server. */
interface Start {
  readonly certificate: string;
  readonly privateKey: string;
  readonly store: string;
  readonly attacker: {
    readonly user: string;
    readonly fingerprint: string;
    readonly identity: string;
    readonly serial: string;
  };
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const [start] = (await once(process, 'message')) as [Start];
const store = await openSqliteStore(start.store);
const { user, fingerprint, identity, serial } = start.attacker;
await store.register({ user, fingerprint, identity: fromBase64url(identity), enrolledAt: Date.now() }, null);
await store.assignCertificate({ serial, user, notAfter: Date.now() + 24 * 60 * 60_000 }, 1);
const server = await startServer({
  ca: { certificate: start.certificate, privateKey: privateKeyFromPem(start.privateKey) },
  store,
  log: silent,
  enrolment: { host: '127.0.0.1', port: 0, policy: 'open' },
  chat: { host: '127.0.0.1', port: 0 },
});
process.on('message', (what) => {
  if (what === 'collect') globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
process.send?.({ enrolment: server.enrolmentAddress.port, chat: server.chatAddress.port });
