/** `chat-server`: puts the parts together, serves until it is told to stop, and takes them apart in reverse order. */
import { writeAtomically } from '@chat/durable-files';
import { type Log, type Store, startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { AdminServer } from '../admin/admin-server.ts';
import { administrationOf } from '../admin/administration.ts';
import { Complaint, cannot } from '../command-error.ts';
import { readPassword } from '../config/ca-password.ts';
import type { StartCommand } from '../config/command-line.ts';
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
import { listenComplaint } from '../listen-error.ts';
import { openLog } from '../log.ts';
import type { Surroundings } from '../run-context.ts';
import { stopSignal } from '../stop-signal.ts';
import { addInvitation } from './invitation.ts';
import { lineOf, welcome } from './welcome.ts';

interface StartSurroundings extends Surroundings {
  readonly version: string;
  /** Whether what is printed goes to a terminal, and nowhere else. */
  readonly terminal: boolean;
}

/** Resolves when the server has stopped in good order. Throws `Complaint` and `StoreError`. */
export async function start(command: StartCommand, surroundings: StartSurroundings): Promise<void> {
  const settings = settingsOf(command);
  const directory = dataDirectory(command.data, surroundings.environment);
  await prepareDirectory(directory);
  const lock = await lockDirectory(directory);
  const { log, close: closeLog } = openLog(settings.log);
  try {
    const before = await readRecord(directory);
    const authority = await openAuthority(directory, await readPassword(surroundings.environment));
    if (before !== null && before.caFingerprint !== authority.fingerprint) {
      throw new Complaint(
        `${directory.authorityCertificate} is not the CA that ${directory.record} names: restore both from one backup.`,
      );
    }
    const store = await openSqliteStore(directory.store, { create: before === null });
    try {
      await serve(settings, {
        ...surroundings,
        directory,
        authority,
        store,
        log,
        dataGiven: command.data !== undefined,
      });
    } finally {
      await store.close();
    }
  } finally {
    await unlockDirectory(directory, lock);
    // A write that its reader blocks would keep the process from ending by any gentler way.
    if (!(await closeLog(1_000))) process.kill(process.pid, 'SIGKILL');
  }
}

interface Parts extends StartSurroundings {
  readonly directory: DataDirectory;
  readonly authority: Authority;
  readonly store: Store;
  readonly log: Log;
  /** Whether the directory is another than the default. */
  readonly dataGiven: boolean;
}

async function serve(settings: Settings, parts: Parts): Promise<void> {
  const { directory, authority, store, log, print, version } = parts;
  const stop = stopSignal();
  const { host, policy, publicHost } = settings;
  const server = await startServer({
    ca: authority,
    store,
    log,
    names: [publicHost],
    enrolment: { host, port: settings.enrolmentPort, policy },
    chat: { host, port: settings.chatPort },
    publishRevocations: (list) =>
      writeAtomically(directory.revocationList, list).catch((error: unknown) => {
        throw cannot('write', directory.revocationList, error);
      }),
  }).catch((error: unknown) => {
    throw listenComplaint(error, settings);
  });
  let admin: AdminServer | null = null;
  try {
    admin = await AdminServer.listen(directory.adminSocket, administrationOf(server, store), log).catch(
      (error: unknown) => {
        throw cannot('listen for commands at', directory.adminSocket, error);
      },
    );
    const record: ServerRecord = {
      version: 1,
      publicHost,
      enrolmentPort: server.enrolmentAddress.port,
      policy,
      caFingerprint: authority.fingerprint,
    };
    await writeRecord(directory, record);
    const line = await lineToPrint(record, parts);
    const data = parts.dataGiven ? directory.path : null;
    print(welcome({ version, record, line, data, enrolment: server.enrolmentAddress, chat: server.chatAddress }));
    const end = await Promise.race([stop, store.failed]);
    if (end instanceof Error) throw end;
    log.info({ signal: end }, 'stopping');
  } finally {
    await admin?.close();
    await server.close();
  }
}

/** The line for the first to join. One with a token is for a terminal: what goes to a file or a journal others may read. */
async function lineToPrint(record: ServerRecord, { store, terminal }: Parts): Promise<string | null> {
  if (record.policy !== 'invite') return lineOf(record);
  return terminal ? lineOf(record, await addInvitation(store, 24)) : null;
}
