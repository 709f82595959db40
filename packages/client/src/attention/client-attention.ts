/** What the user has read, and what notifies: of the rooms by name. */
import type { RoomId, RoomName, UserName } from '@chat/protocol';
import type { ClientEvent } from '../events.ts';
import type { LatestMessage, NotifyLevel } from '../view.ts';
import { type ReadMark, readUpTo } from './read-mark.ts';
import { type AttentionSettings, defaultAttention } from './settings.ts';

/** What is stored of a room's place in the attention of the user. */
export interface RoomAttention {
  /** Absent before the first message that the user has not read, and in a state that an earlier version wrote. */
  readonly mark?: ReadMark | undefined;
  /** Absent if the user has not chosen a level. */
  readonly notify?: NotifyLevel | undefined;
}

/** A room that the user reads. */
export interface ReadableRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: { readonly head: { readonly seq: number } };
  readonly stored: RoomAttention & { readonly latest?: LatestMessage | undefined };
  keep(changed: RoomAttention): void;
}

/** Returns the mark of a room. What an earlier version has read counts as read by the user. */
export const markOf = ({ mark, latest }: ReadableRoom['stored']): ReadMark =>
  mark ?? { upTo: latest?.seq ?? 0, unread: [] };

const ignoredBy = ({ muted, blocked }: AttentionSettings): ReadonlySet<UserName> => new Set([...muted, ...blocked]);

/** What the attention of a user needs. */
export interface ClientAttentionOptions {
  /** Default: those of a new user. */
  readonly settings: AttentionSettings | undefined;
  /** Returns the room that the client shows under a name; null if there is none. */
  find(roomName: RoomName): ReadableRoom | null;
  /** Stores what was changed. @throws ClientError `not-stored` */
  save(): Promise<void>;
  saveSoon(): void;
  emit(event: ClientEvent): void;
}

/** What one user has read, and what notifies the user. Nothing of it leaves this machine. */
export class ClientAttention {
  readonly #options: ClientAttentionOptions;
  #settings: AttentionSettings;
  #ignored: ReadonlySet<UserName>;

  constructor(options: ClientAttentionOptions) {
    this.#options = options;
    this.#settings = options.settings ?? defaultAttention;
    this.#ignored = ignoredBy(this.#settings);
  }

  /** The settings as they are now. The event `attention-changed` says when others have come. */
  get settings(): AttentionSettings {
    return this.#settings;
  }

  /** Returns whether the messages of a user do not count as unread: the user is muted or blocked. */
  isIgnored(user: UserName): boolean {
    return this.#ignored.has(user);
  }

  /**
   * Marks the messages of a room as read, up to a position. To be called when they were shown to the user; a program without a screen need not
   * call it. An earlier position than before changes nothing, and neither does a room that the client does not have.
   */
  async markRead(roomName: RoomName, seq: number): Promise<void> {
    const { find, saveSoon, emit } = this.#options;
    const room = find(roomName);
    if (room === null) return;
    const before = markOf(room.stored);
    // What has not come yet was not shown. While a log is read again, its head is earlier than what was read before.
    const latest = Math.max(room.state.head.seq, room.stored.latest?.seq ?? 0);
    const mark = readUpTo(before, Math.min(seq, latest));
    if (mark === before) return;
    room.keep({ mark });
    saveSoon();
    emit({ kind: 'read', roomId: room.roomId, roomName, seq: mark.upTo });
  }

  /**
   * Sets what of a room notifies. Resolves when it is stored.
   *
   * @param level null for the default: mentions, and direct rooms
   * @throws ClientError `not-stored`
   */
  async setNotify(roomName: RoomName, level: NotifyLevel | null): Promise<void> {
    this.#options.find(roomName)?.keep({ notify: level ?? undefined });
    await this.#changed();
  }

  /** Changes some of the settings. Resolves when they are stored. @throws ClientError `not-stored` */
  async change(settings: Partial<AttentionSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...settings };
    this.#ignored = ignoredBy(this.#settings);
    await this.#changed();
  }

  async #changed(): Promise<void> {
    this.#options.emit({ kind: 'attention-changed' });
    await this.#options.save();
  }
}
