/** Serves until a signal, or until the CAs change: opens what belongs to one server, and closes it in reverse order. */
import { existsSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { writeAtomically } from '@chat/durable-files';
import { type ChatServer, type Log, type Store, startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { AdminServer } from '../admin/admin-server.ts';
import { administrationOf } from '../admin/administration.ts';
import { changeAuthority } from '../admin/authority-change.ts';
import { CommandError, fileAccessError } from '../command-error.ts';
import { listenError } from '../config/listen-error.ts';
import { reportedSettings } from '../configuration/configuration-report.ts';
import { endOfAuthority, openAuthority } from '../data/authority.ts';
import { hasHad, historyOf, pendingLink, readChain, switchWhenDue } from '../data/authority-chain.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import { readRecord, type ServerRecord, writeRecord } from '../data/server-record.ts';
import { Monitor } from '../status/monitor.ts';
import { notifyReady } from '../systemd.ts';
import { addInvitation } from './invitation.ts';
import type { Parts, Ports, ServeParts } from './serve-parts.ts';
import { invitationLineOf, welcome } from './welcome.ts';

/** Serves until a signal, and returns null then; until a change of the CAs, and returns the ports then. */
export async function serveOnce(parts: ServeParts): Promise<Ports | null> {
  const { directory, password, live } = parts;
  const before = await readRecord(directory);
  await switchWhenDue(directory, password, Date.now());
  const authority = await openAuthority(directory, password);
  const chain = await readChain(directory, authority.certificate);
  if (before !== null && !hasHad(chain, authority.certificate, before.caFingerprint)) {
    throw new CommandError(
      'damaged-data',
      `${directory.authorityCertificate} is not the CA that ${directory.record} names: restore both from one backup.`,
    );
  }
  const opened = await openStore(directory, parts.log);
  try {
    const { version, log, observability } = parts;
    const observer = observability?.counters ?? null;
    const monitor = await Monitor.start(opened, { directory, version, log, observer, settings: () => live.settings });
    try {
      return await serve({ ...parts, authority, chain, monitor, store: monitor.store });
    } finally {
      parts.observability?.hasStopped();
      await monitor.stop();
    }
  } finally {
    await opened.close();
  }
}

/**
 * Opens the store. Only a first start creates it: a store that is missing beside a CA was lost, and an empty one in its place
 * would end every account and every room without a word.
 */
async function openStore({ store: path, firstStart }: DataDirectory, log: Log): Promise<Store> {
  const store = await openSqliteStore(path, {
    create: existsSync(firstStart),
    wrapsDeleted: (wraps) => log.warn({ wraps }, wrapsDeletedText),
  });
  await rm(firstStart, { force: true });
  return store;
}

const wrapsDeletedText =
  'the update deleted stored keys of rooms in the form of an earlier version, which no client opens any more; a member who had not fetched one cannot read what was sent under it, unless the room keeps its history for all';

/** Calls `change` when the time of the announced CA has come. Returns a function that ends the watch. */
function watchSwitch({ chain, authority }: Parts, change: () => void): () => void {
  const from = pendingLink(chain, authority.certificate)?.succession.from;
  if (from === undefined) return () => undefined;
  // A timer for the switch itself would not notice that the clock was corrected or that the machine slept.
  const timer = setInterval(() => Date.now() >= from && change(), Math.max(0, Math.min(60_000, from - Date.now())));
  return () => clearInterval(timer);
}

async function serve(parts: Parts): Promise<Ports | null> {
  const { directory, log, observability, store, live, stop } = parts;
  let change: () => void = () => undefined;
  const changed = new Promise<'changed'>((resolve) => {
    change = () => resolve('changed');
  });
  const freeBytes = async (): Promise<number> => {
    const [{ bavail, bsize }, reusable] = await Promise.all([statfs(directory.path), store.reusableBytes()]);
    return bavail * bsize + reusable;
  };
  const server = await startedServer(parts, freeBytes);
  let admin: AdminServer | null = null;
  const endWatch = watchSwitch(parts, change);
  try {
    admin = await listenForCommands(parts, server, change);
    await writeRecord(directory, recordOf(parts, server));
    live.appliesTo(async (settings) => {
      const { policy, publicHost, limits, retention } = settings;
      const names = publicHost === live.settings.publicHost ? {} : { names: [publicHost] };
      await server.change({ policy, limits, retention, ...names });
      await writeRecord(directory, { ...recordOf(parts, server), policy, publicHost });
    });
    const report = () => parts.monitor.report(server);
    const reserveBytes = () => live.settings.limits.storageReserveBytes;
    observability?.serves({ server, report, accounts: () => parts.monitor.accounts, freeBytes, reserveBytes });
    parts.backups.start();
    await announce(parts, server);
    const end = await Promise.race([stop, store.failed, changed]);
    if (end instanceof Error) throw end;
    if (end === 'changed') return { enrolmentPort: server.enrolmentAddress.port, chatPort: server.chatAddress.port };
    log.info({ signal: end }, 'stopping');
    return null;
  } finally {
    live.appliesTo(null);
    endWatch();
    observability?.stops();
    await admin?.close();
    await server.close();
  }
}

async function startedServer(parts: Parts, freeBytes: () => Promise<number>): Promise<ChatServer> {
  const { authority, chain, store, log, observability, directory, live, portsBefore } = parts;
  const settings = { ...live.settings, ...portsBefore };
  const { host, enrolmentPort, chatPort, policy, publicHost, limits, retention } = settings;
  return startServer({
    ca: authority,
    history: historyOf(chain, authority.certificate),
    store,
    log,
    names: [publicHost],
    enrolment: { host, port: enrolmentPort, policy },
    chat: { host, port: chatPort },
    limits,
    retention,
    freeBytes,
    ...(observability !== null && { metrics: observability.counters }),
    publishRevocations: (list) =>
      writeAtomically(directory.revocationList, list).catch((error: unknown) => {
        throw fileAccessError('write', directory.revocationList, error);
      }),
  }).catch((error: unknown) => {
    throw listenError(error, settings);
  });
}

function listenForCommands(parts: Parts, server: ChatServer, change: () => void): Promise<AdminServer> {
  const { directory, authority, password, store, log, live, monitor } = parts;
  const administration = administrationOf({
    server,
    store,
    defaults: () => live.settings.retention,
    status: () => monitor.report(server),
    logLevel: (level) => live.changeLevel(level),
    configuration: () => reportedSettings(live.inForce),
    reload: () => live.reload(),
    authority: async (request) => {
      const changing = { directory, authority, password, ledger: store.ledger, now: Date.now() };
      const result = await changeAuthority(request, changing);
      if (request.action !== 'status') change();
      return result;
    },
  });
  return AdminServer.listen(directory.adminSocket, administration, log).catch((error: unknown) => {
    throw fileAccessError('listen for commands at', directory.adminSocket, error);
  });
}

function recordOf({ live, authority }: Parts, server: ChatServer): ServerRecord {
  const { publicHost, policy } = live.settings;
  const enrolmentPort = server.enrolmentAddress.port;
  return { version: 1, publicHost, enrolmentPort, policy, caFingerprint: authority.fingerprint };
}

/** Prints how users join, at the first start; logs that the server serves again after a change of its CAs. */
async function announce(parts: Parts, server: ChatServer): Promise<void> {
  const { authority, chain, log, version, directory, live } = parts;
  if (parts.portsBefore === null) {
    const record = recordOf(parts, server);
    const line = await lineToPrint(record, parts);
    const data = parts.isDefaultDirectory ? null : directory.path;
    // pnpm runs `start` as a script of that name.
    const isInstalled = parts.environment['npm_lifecycle_event'] !== 'start';
    const addresses = { enrolment: server.enrolmentAddress, chat: server.chatAddress };
    const { invitationHours } = live.settings;
    parts.print(welcome({ version, record, line, data, isInstalled, invitationHours, ...addresses }));
    const status = `serves ${record.publicHost}, enrolment port ${record.enrolmentPort}`;
    await notifyReady(parts.environment, { status, log });
  } else log.info({ ca: authority.fingerprint, announced: chain.links.length }, 'the CAs have changed; serving again');
  const endsSoon = endOfAuthority(authority.certificate, Date.now());
  if (endsSoon !== null) log.warn({}, endsSoon);
}

/** A line with a token is printed on a terminal only, because others may read a file or a journal. */
async function lineToPrint(record: ServerRecord, { store, isTerminal, live }: Parts): Promise<string | null> {
  if (record.policy !== 'invite') return invitationLineOf(record);
  if (!isTerminal) return null;
  const { token } = await addInvitation(store, { hours: live.settings.invitationHours });
  return invitationLineOf(record, token);
}
