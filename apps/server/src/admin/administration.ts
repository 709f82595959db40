/** Carries out the requests of commands in a running server. */
import { ProtocolError } from '@chat/protocol';
import type { ChatServer, Directory, RetentionBounds, Store } from '@chat/server-core';
import { CommandError } from '../command-error.ts';
import type { Reloaded } from '../configuration/configuration.ts';
import type { ReportedSetting } from '../configuration/configuration-report.ts';
import type { LogLevel } from '../log-level.ts';
import type { StatusReport } from '../status/status-report.ts';
import { type AdminRequest, type AdminResult, accountsPerPage } from './admin-operation.ts';
import type { Administration } from './admin-server.ts';
import { changeRetention } from './room-retention.ts';

/** The parts of a running server that commands concern. */
export interface AdministrationParts {
  readonly server: ChatServer;
  readonly store: Pick<Store, 'listAccounts' | 'findAccount' | 'addInvitation' | 'findRoom' | 'messagesOf'>;
  /** Returns the bounds of rooms that have none of their own. */
  readonly defaults: () => RetentionBounds;
  /** Reports how the server is. */
  readonly status: () => Promise<StatusReport>;
  /** Sets how much the server logs, if a level is given, and returns it. */
  readonly logLevel: (level: LogLevel | undefined) => LogLevel;
  /** Returns the settings in force. */
  readonly configuration: () => ReportedSetting[];
  /** Reads the configuration again. */
  readonly reload: () => Promise<Reloaded>;
  /** Changes the CAs. */
  readonly authority: (request: AdminRequest<'authority'>) => Promise<AdminResult<'authority'>>;
}

/** Returns the functions that carry out the operations in a running server. */
export const administrationOf = ({
  server,
  store,
  defaults,
  status,
  logLevel,
  configuration,
  reload,
  authority,
}: AdministrationParts): Administration => ({
  authority: (request) => authority(request).catch(passOn),
  config: async () => ({ settings: configuration() }),
  reload: () => reload().catch(passOn),
  status: () => status(),
  'log-level': async ({ level }) => ({ level: logLevel(level) }),
  revoke: ({ user, reason }) => server.revoke(user, reason),
  reset: async ({ user, reason, invitation }) => {
    if ((await store.findAccount(user)) === null) {
      throw new ProtocolError(
        'unknown-user',
        `${user} is not registered here: "chat-server users" lists all accounts.`,
      );
    }
    // First, so that the name is kept for its user from the moment on in which it is free.
    await store.addInvitation(invitation);
    return server.reset(user, reason);
  },
  users: (request) => usersPage(store, request, (user) => server.connectionsOf(user)),
  'delete-room': async ({ room }) => ({ deleted: await server.deleteRoom(room) }),
  retention: (request) => {
    const set = (roomId: string, bounds: RetentionBounds) => server.setRetention(roomId, bounds);
    return changeRetention(request, { store, set, defaults: defaults() });
  },
});

/** Passes the sentence of a `CommandError` on to the command. */
function passOn(error: unknown): never {
  throw error instanceof CommandError ? new ProtocolError(error.code, error.message) : error;
}

/** Returns one page of the accounts in a directory. */
export async function usersPage(
  directory: Pick<Directory, 'listAccounts'>,
  { after }: AdminRequest<'users'>,
  connectionsOf: (user: string) => number,
): Promise<AdminResult<'users'>> {
  const accounts = await directory.listAccounts(after ?? null, accountsPerPage + 1);
  const users = accounts.slice(0, accountsPerPage).map(({ user, fingerprint, enrolledAt, revoked }) => ({
    user,
    fingerprint,
    enrolledAt,
    revoked,
    connections: connectionsOf(user),
  }));
  return { users, more: accounts.length > accountsPerPage };
}
