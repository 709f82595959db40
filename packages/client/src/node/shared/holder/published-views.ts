/** What a client shows of itself and its rooms, as it was sent last: so that only what has changed is sent again. */
import type { ChatClient } from '../../../chat-client.ts';
import type { RoomView } from '../../../view.ts';
import type { ChangedView, Changes, ClientStatus } from '../local-messages.ts';

/** Fields that are compared and sent by themselves, because they are long. */
const longFields = ['members', 'invited'] as const;

type Part = 'rest' | (typeof longFields)[number];
type Parts = Readonly<Record<Part, string>>;

/** What is sent of a client. */
type Shown = Pick<
  ChatClient,
  'online' | 'refusal' | 'isRenewingKey' | 'changedIdentities' | 'knownUsers' | 'rooms' | 'room'
> & {
  readonly messages: Pick<ChatClient['messages'], 'areDamaged'>;
  readonly attention: Pick<ChatClient['attention'], 'settings'>;
};

function partsOf(view: RoomView): Parts {
  const { members, invited, ...rest } = view;
  return {
    rest: JSON.stringify(rest),
    members: JSON.stringify(members),
    invited: JSON.stringify(invited),
  };
}

/** Returns the fields that differ; null if none does. */
function changedFields(view: RoomView, parts: Parts, before: Parts | undefined): ChangedView | null {
  const { members: _, invited: __, ...rest } = view;
  const isChanged = (part: Part) => parts[part] !== before?.[part];
  const long = longFields.filter(isChanged).map((field) => [field, view[field]]);
  if (long.length === 0 && !isChanged('rest')) return null;
  return { roomId: view.roomId, ...(isChanged('rest') ? rest : {}), ...Object.fromEntries(long) };
}

/** The views of one client that were sent last. */
export class PublishedViews {
  readonly #client: Shown;
  readonly #rooms = new Map<string, Parts>();
  #status = '';
  #names = -1;

  constructor(client: Shown) {
    this.#client = client;
  }

  /** Returns everything, for a new reader. What has changed since the last call of `changes` belongs to the others, so call that before. */
  all(): Changes {
    const status = this.#statusNow();
    return { status, names: this.#client.knownUsers(), rooms: this.#client.rooms(), gone: [] };
  }

  /**
   * Returns what has changed; null if nothing has.
   *
   * @param roomName the only room that can have changed; null for all
   */
  changes(roomName: string | null): Changes | null {
    const views = roomName === null ? this.#client.rooms() : this.#viewsOf(roomName);
    const rooms: ChangedView[] = [];
    for (const view of views) {
      const parts = partsOf(view);
      const changed = changedFields(view, parts, this.#rooms.get(view.roomId));
      if (changed !== null) rooms.push(changed);
      this.#rooms.set(view.roomId, parts);
    }
    const gone = roomName === null || views.length === 0 ? this.#gone() : [];
    const status = this.#changedStatus();
    const hasNames = status !== null && status.known !== this.#names;
    if (status !== null) this.#names = status.known;
    if (rooms.length === 0 && gone.length === 0 && status === null) return null;
    return {
      ...(status === null ? {} : { status }),
      ...(hasNames ? { names: this.#client.knownUsers() } : {}),
      rooms,
      gone,
    };
  }

  #viewsOf(roomName: string): readonly RoomView[] {
    const view = this.#client.room(roomName);
    return view === null ? [] : [view];
  }

  /** Forgets the rooms that the client has no more, and returns their ids. */
  #gone(): string[] {
    const present = new Set(this.#client.rooms().map(({ roomId }) => roomId));
    const gone = [...this.#rooms.keys()].filter((roomId) => !present.has(roomId));
    for (const roomId of gone) this.#rooms.delete(roomId);
    return gone;
  }

  #changedStatus(): ClientStatus | null {
    const status = this.#statusNow();
    const text = JSON.stringify(status);
    if (text === this.#status) return null;
    this.#status = text;
    return status;
  }

  #statusNow(): ClientStatus {
    const { online, refusal, isRenewingKey } = this.#client;
    const known = this.#client.knownUsers().length;
    const areMessagesDamaged = this.#client.messages.areDamaged;
    return {
      online,
      refusal,
      isRenewingKey,
      areMessagesDamaged,
      changedIdentities: this.#client.changedIdentities(),
      attention: this.#client.attention.settings,
      known,
    };
  }
}
