/**
 * Signed entries of each room's recent past. With them a client can give back what a server has lost, after its store was restored
 * from a backup. A client works without its archive: the loss of it is never an error.
 */
import type { LoggedEntry, RoomId } from '@chat/protocol';

/** How much of a room's past an archive keeps, and for how long. Sizes are those of payloads and signatures, and 256 for each entry. */
export const archiveBounds = {
  /** More than a day's messages of a busy room. */
  entries: 4_096,
  bytes: 8 * 1024 * 1024,
  /** A backup that is older than this heals only as far as other members keep more. */
  ageMs: 30 * 24 * 60 * 60 * 1000,
  /** Bytes of all rooms together. The rooms that were quiet for longest lose theirs first. */
  totalBytes: 128 * 1024 * 1024,
} as const;

/** An entry with the log hash up to and including it. */
export interface KeptEntry extends LoggedEntry {
  readonly logHash: string;
}

/** Keeps the recent entries of rooms. */
export interface EntryArchive {
  /**
   * Keeps entries that follow each other. If they do not follow the latest kept entry, the archive begins anew with them; those
   * that it has kept before are skipped. Never throws, and may fail silently.
   */
  keep(roomId: RoomId, entries: readonly KeptEntry[]): void;
  /** Resolves with the kept entries after a position, in order and without a gap; empty if the next one is not kept. */
  read(roomId: RoomId, after: number): Promise<readonly KeptEntry[]>;
  /** Deletes the entries of a room. */
  erase(roomId: RoomId): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

/** Entries of one room that follow each other, within the bounds. */
export class KeptRun {
  #entries: KeptEntry[] = [];
  #bytes = 0;

  get entries(): readonly KeptEntry[] {
    return this.#entries;
  }

  /** The part of these entries that `add` would keep. */
  newOf(entries: readonly KeptEntry[]): readonly KeptEntry[] {
    const last = this.#entries.at(-1)?.seq;
    return last === undefined ? entries : entries.filter(({ seq }) => seq > last);
  }

  /** Adds entries, as `EntryArchive.keep` does. */
  add(entries: readonly KeptEntry[]): void {
    for (const entry of this.newOf(entries)) {
      const last = this.#entries.at(-1);
      if (last !== undefined && entry.seq !== last.seq + 1) {
        this.#entries = [];
        this.#bytes = 0;
      }
      this.#entries.push(entry);
      this.#bytes += sizeOf(entry);
    }
    this.#trim();
  }

  /** Returns the entries after a position. */
  after(position: number): readonly KeptEntry[] {
    const first = this.#entries[0]?.seq;
    return first === undefined || first > position + 1 ? [] : this.#entries.slice(position + 1 - first);
  }

  #trim(): void {
    let drop = Math.max(0, this.#entries.length - archiveBounds.entries);
    let bytes = this.#bytes;
    for (const [index, entry] of this.#entries.entries()) {
      if (index >= drop && bytes <= archiveBounds.bytes) break;
      bytes -= sizeOf(entry);
      drop = Math.max(drop, index + 1);
    }
    if (drop === 0) return;
    this.#entries = this.#entries.slice(drop);
    this.#bytes = bytes;
  }
}

/** Payload and signature, and about what their frame adds. */
const sizeOf = ({ entry }: KeptEntry): number => entry.payload.length + entry.signature.length + 256;

/** Creates an archive in memory. */
export function createMemoryArchive(): EntryArchive {
  const runs = new Map<RoomId, KeptRun>();
  return {
    keep(roomId, entries) {
      const run = runs.get(roomId) ?? new KeptRun();
      run.add(entries);
      runs.set(roomId, run);
    },
    read: async (roomId, after) => runs.get(roomId)?.after(after) ?? [],
    erase: (roomId) => void runs.delete(roomId),
    close: async () => {},
  };
}
