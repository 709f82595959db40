/** Copies of what a server in memory stores: of its rooms, or of everything. */
import { MemoryDisk } from '@chat/server-core/contract';

/** Returns what a server stores of rooms. */
export const roomsOf = ({
  rooms,
  logs,
  logHashes,
  names,
  appended,
  links,
  sheets,
  knocks,
  deleted,
  epochs,
}: MemoryDisk) => ({
  rooms,
  logs,
  logHashes,
  names,
  appended,
  links,
  sheets,
  knocks,
  deleted,
  epochs,
});

/** Accounts and certificates stay those of `other`: users and keys are not what these tests lose. */
export const withRoomsOf = (rooms: ReturnType<typeof roomsOf>, other: MemoryDisk): MemoryDisk =>
  Object.assign(new MemoryDisk(), other, rooms);

/** Returns a copy of everything but the record of issued certificates. */
export const copyOf = (disk: MemoryDisk): MemoryDisk =>
  Object.assign(new MemoryDisk(), structuredClone({ ...disk, ledger: null }), { ledger: disk.ledger });

/** Returns what a backup has, with the certificates of now: they are not what these tests lose. */
export const withCertificatesOf = ({ certificates, ledger }: MemoryDisk, backup: MemoryDisk): MemoryDisk =>
  Object.assign(new MemoryDisk(), backup, { certificates, ledger });
