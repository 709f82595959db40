/** `chat-server`: puts the parts together, serves until it is told to stop, and takes them apart in reverse order. */
import { startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { type Authority, openAuthority } from './authority.ts';
import { readPassword } from './ca-password.ts';
import type { StartCommand } from './command-line.ts';
import { Complaint } from './complaint.ts';
import {
  type DataDirectory,
  dataDirectory,
  lockDirectory,
  prepareDirectory,
  unlockDirectory,
} from './data-directory.ts';
import { addInvitation } from './invitation.ts';
import { listenComplaint } from './listen-complaint.ts';
import { createLog } from './log.ts';
import { readRecord, type ServerRecord, writeRecord } from './server-record.ts';
import { type Settings, settingsOf } from './settings.ts';
import { stopSignal } from './stop-signal.ts';
import { welcome } from './welcome.ts';

interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  readonly version: string;
}

/** Resolves when the server has stopped in good order. Throws `Complaint` and `StoreError`. */
export async function start(command: StartCommand, surroundings: Surroundings): Promise<void> {
  const directory = dataDirectory(command.data, surroundings.environment);
  await prepareDirectory(directory);
  const lock = await lockDirectory(directory);
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
      await serve(settingsOf(command), { ...surroundings, directory, authority, store });
    } finally {
      await store.close();
    }
  } finally {
    await unlockDirectory(directory, lock);
  }
}

interface Parts extends Surroundings {
  readonly directory: DataDirectory;
  readonly authority: Authority;
  readonly store: Awaited<ReturnType<typeof openSqliteStore>>;
}

async function serve(settings: Settings, { directory, authority, store, print, version }: Parts): Promise<void> {
  const stop = stopSignal();
  const { host, policy, publicHost } = settings;
  const log = createLog(settings.log);
  const server = await startServer({
    ca: authority,
    store,
    log,
    names: [publicHost],
    enrolment: { host, port: settings.enrolmentPort, policy },
    chat: { host, port: settings.chatPort },
  }).catch((error: unknown) => {
    throw listenComplaint(error, settings);
  });
  try {
    const record: ServerRecord = {
      version: 1,
      publicHost,
      enrolmentPort: server.enrolmentAddress.port,
      policy,
      caFingerprint: authority.fingerprint,
    };
    await writeRecord(directory, record);
    const invitation = policy === 'invite' ? await addInvitation(store, 24) : undefined;
    print(welcome({ version, record, invitation, enrolment: server.enrolmentAddress, chat: server.chatAddress }));
    log.info({ signal: await stop }, 'stopping');
  } finally {
    await server.close();
  }
}
