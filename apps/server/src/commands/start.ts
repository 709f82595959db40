/** `chat-server`: opens the parts of a server, serves until a signal, and closes the parts in reverse order. */
import { existsSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { writeAtomically } from '@chat/durable-files';
import { defaultLimits, type Log, type Store, startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { AdminServer } from '../admin/admin-server.ts';
import { administrationOf } from '../admin/administration.ts';
import { CommandError, fileAccessError } from '../command-error.ts';
import { readPassword } from '../config/ca-password.ts';
import type { RequestFor } from '../config/command-line.ts';
import { listenError } from '../config/listen-error.ts';
import { connectionsWithin, openFilesLimit } from '../config/open-files.ts';
import { type Settings, settingsOf } from '../config/settings.ts';
import { type Authority, openAuthority } from '../data/authority.ts';
import {
  type DataDirectory,
  dataDirectory,
  lockDirectory,
  prepareDirectory,
  unlockDirectory,
} from '../data/data-directory.ts';
import { readRecord, type ServerRecord, writeRecord } from '../data/server-record.ts';
import { openLog } from '../log.ts';
import type { RunContext } from '../run-context.ts';
import { stopSignal } from '../stop-signal.ts';
import { addInvitation } from './invitation.ts';
import { invitationLineOf, welcome } from './welcome.ts';

interface StartContext extends RunContext {
  readonly version: string;
  /** True when the output goes to a terminal, where only the operator reads it. */
  readonly isTerminal: boolean;
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
  const lock = await lockDirectory(directory);
  const { log, close: closeLog } = openLog(settings.log);
  try {
    const before = await readRecord(directory);
    const authority = await openAuthority(directory, await readPassword(context.environment));
    if (before !== null && before.caFingerprint !== authority.fingerprint) {
      throw new CommandError(
        'damaged-data',
        `${directory.authorityCertificate} is not the CA that ${directory.record} names: restore both from one backup.`,
      );
    }
    const store = await openStore(directory);
    try {
      const isDefaultDirectory = request.data === undefined;
      await serve(settings, { ...context, connections, directory, authority, store, log, isDefaultDirectory });
    } finally {
      await store.close();
    }
  } finally {
    await unlockDirectory(directory, lock);
    // A log write that its reader blocks would keep the process alive through any gentler exit.
    if (!(await closeLog(closeLogTimeoutMs))) process.kill(process.pid, 'SIGKILL');
  }
}

/**
 * Opens the store. Only a first start creates it: a store that is missing beside a CA was lost, and an empty one in its place
 * would end every account and every room without a word.
 */
async function openStore({ store: path, firstStart }: DataDirectory): Promise<Store> {
  const store = await openSqliteStore(path, { create: existsSync(firstStart) });
  await rm(firstStart, { force: true });
  return store;
}

interface Parts extends StartContext {
  readonly directory: DataDirectory;
  readonly authority: Authority;
  readonly store: Store;
  readonly log: Log;
  readonly isDefaultDirectory: boolean;
  /** Number of users' connections that the system's limit of open files allows. */
  readonly connections: number;
}

async function serve(settings: Settings, parts: Parts): Promise<void> {
  const { directory, authority, store, log, print, version, connections } = parts;
  const stop = stopSignal();
  if (connections < defaultLimits.connections) {
    log.warn({ connections }, 'the limit of open files allows fewer connections than usual; raise it with ulimit -n');
  }
  const { host, policy, publicHost } = settings;
  const server = await startServer({
    ca: authority,
    store,
    log,
    names: [publicHost],
    enrolment: { host, port: settings.enrolmentPort, policy },
    chat: { host, port: settings.chatPort },
    limits: { connections, ...settings.stored },
    retention: settings.retention,
    freeBytes: async () => {
      const [{ bavail, bsize }, reusable] = await Promise.all([statfs(directory.path), store.reusableBytes()]);
      return bavail * bsize + reusable;
    },
    publishRevocations: (list) =>
      writeAtomically(directory.revocationList, list).catch((error: unknown) => {
        throw fileAccessError('write', directory.revocationList, error);
      }),
  }).catch((error: unknown) => {
    throw listenError(error, settings);
  });
  let admin: AdminServer | null = null;
  try {
    admin = await AdminServer.listen(
      directory.adminSocket,
      administrationOf(server, store, settings.retention),
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
    const line = await lineToPrint(record, parts);
    const data = parts.isDefaultDirectory ? null : directory.path;
    print(welcome({ version, record, line, data, enrolment: server.enrolmentAddress, chat: server.chatAddress }));
    const end = await Promise.race([stop, store.failed]);
    if (end instanceof Error) throw end;
    log.info({ signal: end }, 'stopping');
  } finally {
    await admin?.close();
    await server.close();
  }
}

/** A line with a token is printed on a terminal only, because others may read a file or a journal. */
async function lineToPrint(record: ServerRecord, { store, isTerminal }: Parts): Promise<string | null> {
  if (record.policy !== 'invite') return invitationLineOf(record);
  return isTerminal ? invitationLineOf(record, await addInvitation(store, 24)) : null;
}
