/** A store that lives in memory: for tests, and the plainest statement of what a store does. */
import type { Fingerprint, RoomId, RoomName, UserName } from '@chat/protocol';
import { advance } from '../domain/room-state.ts';
import type { Account, Invitation, IssuedCertificate, Registration } from '../ports/directory.ts';
import type { StoredEntry } from '../ports/room-store.ts';
import { type Appended, type Appending, type Room, type RoomRow, StoreConflict } from '../ports/room-store.ts';
import type { Store } from '../ports/store.ts';

/** What outlives the store that wrote it, as a file would. */
export class MemoryDisk {
  readonly rooms = new Map<RoomId, Room>();
  readonly logs = new Map<RoomId, StoredEntry[]>();
  readonly names = new Map<RoomName, RoomId>();
  readonly appended = new Map<string, Appended>();
  readonly wraps = new Map<string, string>();
  readonly accounts = new Map<UserName, Account>();
  readonly invitations = new Map<string, Invitation>();
  readonly certificates = new Map<string, IssuedCertificate>();
}

const requestKey = (author: UserName, cid: string): string => `${author} ${cid}`;
const wrapKey = (room: RoomId, epoch: number, to: Fingerprint): string => `${room} ${epoch} ${to}`;

class MemoryStore implements Store {
  readonly #disk: MemoryDisk;
  /** It cannot fail. */
  readonly failed = new Promise<Error>(() => {});

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  async append(entry: Appending): Promise<void> {
    const { room, seq, at, hash, author, cid, change } = entry;
    const before = this.#disk.rooms.get(room) ?? null;
    this.#refuseConflict(entry, before);

    const after = advance(before, entry);
    this.#disk.rooms.set(room, after);
    this.#disk.appended.set(requestKey(author, cid), { room, seq, at });
    const log = this.#disk.logs.get(room) ?? [];
    log.push({ seq, at, hash, entry: { ...entry.entry } });
    this.#disk.logs.set(room, log);

    if (after.name !== null) this.#disk.names.set(after.name, room);
    else if (before?.name != null) this.#disk.names.delete(before.name);
    if (change?.kind === 'epoch') {
      for (const { to, envelope } of change.wraps) {
        this.#disk.wraps.set(wrapKey(room, change.epoch.number, to), envelope);
      }
    }
  }

  #refuseConflict({ room, seq, author, cid, change }: Appending, before: Room | null): void {
    if (this.#disk.appended.has(requestKey(author, cid))) {
      throw new StoreConflict('duplicate', `${author} made request ${cid} before.`);
    }
    const head = before?.head ?? 0;
    if (seq !== head + 1 || (change?.kind === 'create') !== (seq === 1)) {
      throw new StoreConflict('sequence', `Room ${room} is at ${head}: position ${seq} does not follow.`);
    }
    if (change?.kind === 'create' && this.#disk.names.has(change.name)) {
      throw new StoreConflict('room-name-taken', `Another room is called ${change.name}.`);
    }
  }

  async findAppended(author: UserName, cid: string): Promise<Appended | null> {
    return this.#disk.appended.get(requestKey(author, cid)) ?? null;
  }

  async load(room: RoomId): Promise<Room | null> {
    return this.#disk.rooms.get(room) ?? null;
  }

  async findByName(name: RoomName): Promise<RoomId | null> {
    return this.#disk.names.get(name) ?? null;
  }

  async list(after: RoomName | null, limit: number): Promise<readonly RoomRow[]> {
    const names = [...this.#disk.names.keys()].sort().filter((name) => after === null || name > after);
    return names.slice(0, limit).flatMap((name) => {
      const room = this.#disk.rooms.get(this.#disk.names.get(name) ?? '');
      return room === undefined
        ? []
        : [{ room: room.room, name, members: room.members.length, createdAt: room.createdAt }];
    });
  }

  async roomsOf(user: UserName): Promise<readonly RoomId[]> {
    const rooms = [...this.#disk.rooms.values()];
    return rooms.filter((room) => room.members.some((member) => member.user === user)).map((room) => room.room);
  }

  async read(room: RoomId, after: number, limit: number, maxBytes: number): Promise<readonly StoredEntry[]> {
    const page: StoredEntry[] = [];
    let bytes = 0;
    for (const entry of this.#disk.logs.get(room)?.slice(after, after + limit) ?? []) {
      bytes += Buffer.byteLength(entry.entry.payload);
      if (page.length > 0 && bytes > maxBytes) break;
      page.push(entry);
    }
    return page;
  }

  async findWrap(room: RoomId, epoch: number, to: Fingerprint): Promise<string | null> {
    return this.#disk.wraps.get(wrapKey(room, epoch, to)) ?? null;
  }

  async findAccount(user: UserName): Promise<Account | null> {
    return this.#disk.accounts.get(user) ?? null;
  }

  async register(account: Account, invitation: string | null): Promise<Registration> {
    const before = this.#disk.accounts.get(account.user);
    if (before !== undefined) return before.fingerprint === account.fingerprint ? 'known' : 'taken';
    if (invitation !== null) {
      const found = this.#disk.invitations.get(invitation);
      if (found === undefined || found.expiresAt <= account.enrolledAt) return 'invitation-refused';
      this.#disk.invitations.delete(invitation);
    }
    this.#disk.accounts.set(account.user, { ...account, identity: Uint8Array.from(account.identity) });
    return 'registered';
  }

  async addInvitation(invitation: Invitation): Promise<void> {
    this.#disk.invitations.set(invitation.tokenHash, invitation);
  }

  async recordCertificate(certificate: IssuedCertificate): Promise<void> {
    if (this.#disk.certificates.has(certificate.serial)) {
      throw new Error(`A certificate with the serial ${certificate.serial} was recorded before.`);
    }
    this.#disk.certificates.set(certificate.serial, certificate);
  }

  async close(): Promise<void> {}
}

/** A store in memory. Give the same disk to two stores, one after the other, and the second knows what the first kept. */
export const createMemoryStore = (disk: MemoryDisk = new MemoryDisk()): Store => new MemoryStore(disk);
