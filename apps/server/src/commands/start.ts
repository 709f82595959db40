/** `chat-server`: opens the parts of a server, serves until a signal, and closes the parts in reverse order. */
import { existsSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { writeAtomically } from '@chat/durable-files';
import { defaultLimits, type Log, type Store, startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { AdminServer } from '../admin/admin-server.ts';
import { administrationOf } from '../admin/administration.ts';
import { changeAuthority } from '../admin/authority-change.ts';
import { BackupSchedule } from '../backup/backup-schedule.ts';
import { requireNoRestore } from '../backup/restore-backup.ts';
import { CommandError, fileAccessError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { listenError } from '../config/listen-error.ts';
import { connectionsWithin, openFilesLimit } from '../config/open-files.ts';
import { readBackupPassword, readPassword } from '../config/password-file.ts';
import { type Settings, settingsOf } from '../config/settings.ts';
import { type Authority, endOfAuthority, openAuthority } from '../data/authority.ts';
import { type Chain, hasHad, historyOf, pendingLink, readChain, switchWhenDue } from '../data/authority-chain.ts';
import {
  type DataDirectory,
  dataDirectory,
  lockDirectory,
  prepareDirectory,
  unlockDirectory,
} from '../data/data-directory.ts';
import { readRecord, type ServerRecord, writeRecord } from '../data/server-record.ts';
import { type OpenLog, openLog } from '../log.ts';
import type { LogLevel } from '../log-level.ts';
import type { Observability } from '../observability/observability.ts';
import type { RunContext } from '../run-context.ts';
import { addInvitation } from '../serving/invitation.ts';
import { invitationLineOf, welcome } from '../serving/welcome.ts';
import { Monitor } from '../status/monitor.ts';
import { stopSignal } from '../stop-signal.ts';
import { notifyReady } from '../systemd.ts';

interface StartContext extends RunContext {
  readonly version: string;
  /** True when the output goes to a terminal, where only the operator reads it. */
  readonly isTerminal: boolean;
  /** The words that run this program. */
  readonly program: readonly string[];
}

const closeLogTimeoutMs = 1_000;

/**
 * Resolves when a signal has stopped the server and everything is closed.
 *
 * @throws CommandError, StoreError
 */
export async function start(request: RequestFor<'start'>, context: StartContext): Promise<void> {
  const settings = settingsOf(request);
  const connections = connectionsWithin(openFilesLimit());
  const directory = dataDirectory(request.data, context.environment);
  await prepareDirectory(directory);
  requireNoRestore(directory);
  const lock = await lockDirectory(directory);
  const lines = openLog(settings.log);
  const { log } = lines;
  const stop = stopSignal();
  const password = await readPassword(context.environment);
  const backups = await openSchedule(settings, { directory, log, program: context.program });
  let observability: Observability | null = null;
  try {
    observability = await openObservability(settings, { directory, version: context.version, lines });
    const isDefaultDirectory = request.data === undefined;
    const watched = { lines, observability, backups };
    const parts = { ...context, connections, directory, password, log, isDefaultDirectory, stop, ...watched };
    // After a change of the CAs the server begins anew in this process, at the same ports: clients connect again by themselves.
    for (let ports: Ports | null = settings; ports !== null; ) {
      ports = await serveOnce({ ...settings, ...ports }, { ...parts, isFirst: ports === settings });
    }
  } finally {
    await backups?.stop();
    await observability?.close();
    await unlockDirectory(directory, lock);
    // A log write that its reader blocks would keep the process alive through any gentler exit.
    if (!(await lines.close(closeLogTimeoutMs))) process.kill(process.pid, 'SIGKILL');
  }
}

/**
 * Prepares the daily backups; null when none are to be made. What would make all of them fail ends the start.
 *
 * @throws CommandError `file-access`, `backup-password`
 */
async function openSchedule(
  { backups }: Settings,
  parts: Pick<ServeParts, 'directory' | 'log' | 'program'>,
): Promise<BackupSchedule | null> {
  if (backups === null) return null;
  await readBackupPassword(backups.passwordFile ?? undefined);
  await mkdir(backups.folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fileAccessError('create the directory for backups', backups.folder, error);
  });
  return new BackupSchedule({ ...backups, ...parts, clock: Date.now });
}

/** Serves metrics, if they are wanted. Only then is the code for them loaded. */
async function openObservability(
  { metrics }: Settings,
  { directory, version, lines }: Pick<ServeParts, 'directory' | 'version' | 'lines'>,
): Promise<Observability | null> {
  if (metrics === null) return null;
  const module = await import('../observability/observability.ts');
  return module.Observability.open(metrics, { directory, version, log: lines.log, lines: () => lines.counts });
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

type Ports = Pick<Settings, 'enrolmentPort' | 'chatPort'>;

interface ServeParts extends StartContext {
  readonly directory: DataDirectory;
  /** The password of the CA's keys. */
  readonly password: string | undefined;
  readonly log: Log;
  /** The log, to change its level. */
  readonly lines: OpenLog;
  /** Null when no metrics are served. */
  readonly observability: Observability | null;
  readonly isDefaultDirectory: boolean;
  /** Resolves with the signal that stops the server. */
  readonly stop: Promise<NodeJS.Signals>;
  /** False when the server begins anew after a change of its CAs. */
  readonly isFirst: boolean;
  /** The daily backups; null when none are made. */
  readonly backups: BackupSchedule | null;
  /** Number of users' connections that the system's limit of open files allows. */
  readonly connections: number;
}

interface Parts extends ServeParts {
  readonly authority: Authority;
  readonly chain: Chain;
  readonly store: Store;
  readonly monitor: Monitor;
}

/** Serves until a signal, and returns null then; until a change of the CAs, and returns the ports then. */
async function serveOnce(settings: Settings, parts: ServeParts): Promise<Ports | null> {
  const { directory, password } = parts;
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
    const { version, backups, log, observability } = parts;
    const observer = observability?.counters ?? null;
    const monitor = await Monitor.start(opened, { directory, version, log, backsUp: backups !== null, observer });
    try {
      return await serve(settings, { ...parts, authority, chain, monitor, store: monitor.store });
    } finally {
      parts.observability?.hasStopped();
      await monitor.stop();
    }
  } finally {
    await opened.close();
  }
}

/** Calls `change` when the time of the announced CA has come. Returns a function that ends the watch. */
function watchSwitch({ chain, authority }: Parts, change: () => void): () => void {
  const from = pendingLink(chain, authority.certificate)?.succession.from;
  if (from === undefined) return () => undefined;
  // A timer for the switch itself would not notice that the clock was corrected or that the machine slept.
  const timer = setInterval(() => Date.now() >= from && change(), Math.max(0, Math.min(60_000, from - Date.now())));
  return () => clearInterval(timer);
}

async function serve(settings: Settings, parts: Parts): Promise<Ports | null> {
  const { directory, authority, chain, store, log, print, version, connections, stop, password, observability } = parts;
  let change: () => void = () => undefined;
  const changed = new Promise<'changed'>((resolve) => {
    change = () => resolve('changed');
  });
  if (connections < defaultLimits.connections) {
    log.warn({ connections }, 'the limit of open files allows fewer connections than usual; raise it with ulimit -n');
  }
  const { host, policy, publicHost } = settings;
  const freeBytes = async (): Promise<number> => {
    const [{ bavail, bsize }, reusable] = await Promise.all([statfs(directory.path), store.reusableBytes()]);
    return bavail * bsize + reusable;
  };
  const server = await startServer({
    ca: authority,
    history: historyOf(chain, authority.certificate),
    store,
    log,
    names: [publicHost],
    enrolment: { host, port: settings.enrolmentPort, policy },
    chat: { host, port: settings.chatPort },
    limits: { connections, ...settings.stored },
    retention: settings.retention,
    freeBytes,
    ...(observability !== null && { metrics: observability.counters }),
    publishRevocations: (list) =>
      writeAtomically(directory.revocationList, list).catch((error: unknown) => {
        throw fileAccessError('write', directory.revocationList, error);
      }),
  }).catch((error: unknown) => {
    throw listenError(error, settings);
  });
  let admin: AdminServer | null = null;
  const endWatch = watchSwitch(parts, change);
  try {
    admin = await AdminServer.listen(
      directory.adminSocket,
      administrationOf({
        server,
        store,
        defaults: settings.retention,
        status: () => parts.monitor.report(server),
        logLevel: (level) => changeLevel(parts.lines, level),
        authority: async (request) => {
          const changing = { directory, authority, password, ledger: store.ledger, now: Date.now() };
          const result = await changeAuthority(request, changing);
          if (request.action !== 'status') change();
          return result;
        },
      }),
      log,
    ).catch((error: unknown) => {
      throw fileAccessError('listen for commands at', directory.adminSocket, error);
    });
    const record: ServerRecord = {
      version: 1,
      publicHost,
      enrolmentPort: server.enrolmentAddress.port,
      policy,
      caFingerprint: authority.fingerprint,
    };
    await writeRecord(directory, record);
    const report = () => parts.monitor.report(server);
    observability?.serves({ server, report, accounts: () => parts.monitor.accounts, freeBytes });
    parts.backups?.start();
    if (parts.isFirst) {
      const line = await lineToPrint(record, parts);
      const data = parts.isDefaultDirectory ? null : directory.path;
      // pnpm runs `start` as a script of that name.
      const isInstalled = parts.environment['npm_lifecycle_event'] !== 'start';
      const addresses = { enrolment: server.enrolmentAddress, chat: server.chatAddress };
      print(welcome({ version, record, line, data, isInstalled, ...addresses }));
      const status = `serves ${record.publicHost}, enrolment port ${record.enrolmentPort}`;
      await notifyReady(parts.environment, { status, log });
    } else
      log.info({ ca: authority.fingerprint, announced: chain.links.length }, 'the CAs have changed; serving again');
    const endsSoon = endOfAuthority(authority.certificate, Date.now());
    if (endsSoon !== null) log.warn({}, endsSoon);
    const end = await Promise.race([stop, store.failed, changed]);
    if (end instanceof Error) throw end;
    if (end === 'changed') return { enrolmentPort: server.enrolmentAddress.port, chatPort: server.chatAddress.port };
    log.info({ signal: end }, 'stopping');
    return null;
  } finally {
    endWatch();
    observability?.stops();
    await admin?.close();
    await server.close();
  }
}

/** Changes how much is logged, if a level is given, and returns it. The line about it is always written: who quiets the log leaves a trace. */
function changeLevel(lines: OpenLog, level: LogLevel | undefined): LogLevel {
  if (level === undefined || level === lines.level) return lines.level;
  const before = lines.level;
  lines.level = 'info';
  lines.log.info({ before, after: level }, 'the level of the log was changed');
  lines.level = level;
  return level;
}

/** A line with a token is printed on a terminal only, because others may read a file or a journal. */
async function lineToPrint(record: ServerRecord, { store, isTerminal }: Parts): Promise<string | null> {
  if (record.policy !== 'invite') return invitationLineOf(record);
  return isTerminal ? invitationLineOf(record, (await addInvitation(store, { hours: 24 })).token) : null;
}
