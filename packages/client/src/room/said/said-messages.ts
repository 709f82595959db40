/**
 * What was said in one room, and what later messages make of it. A change counts if the client has its message, and if its author may make it:
 * all members who have the message decide alike.
 */
import { changedBy, type KeptMessage, type MessageStore } from '@chat/message-store';
import type { MessageReference, RoomId } from '@chat/protocol';
import {
  type ChangeEvent,
  isChange,
  isReadMessage,
  type NewerEvent,
  type RoomEvent,
  type SpokenEvent,
} from '@chat/room';
import type { ClientContext } from '../../context.ts';
import { messageView } from '../../messages/message-view.ts';
import type { MessageView } from '../../view.ts';
import { nameOfSecondReading } from '../history-replay.ts';

/** The messages to which some events refer, by hash. */
export type Referred = ReadonlyMap<string, KeptMessage>;

/** What some events have said. */
export interface Said {
  /** The events that count: a change that counts for nothing is not among them. */
  readonly events: readonly RoomEvent[];
  /** Returns the message that an event answers, or what a change has made of it, if the client has it. */
  about(event: RoomEvent): { readonly about?: MessageView };
}

/** Messages that are remembered in a room of which none is kept. */
const maxRemembered = 256;

const nothingReferred: Referred = new Map();

function keptOf(event: SpokenEvent | NewerEvent): KeptMessage {
  const { seq, user, fingerprint, at, hash } = event;
  const head = { seq, user, fingerprint, at, hash };
  if (event.kind === 'newer') return { ...head, text: '', newer: { number: event.number, body: event.body } };
  const { text, action, replyTo, file } = event;
  return { ...head, text, ...(action && { action }), ...(replyTo && { replyTo }), ...(file && { file }) };
}

function changeOf(event: ChangeEvent): Parameters<typeof changedBy>[1] {
  const { kind, seq, at, user, fingerprint, earlierKeys } = event;
  return { kind, seq, at, user, keys: [fingerprint, ...earlierKeys], text: 'text' in event ? event.text : '' };
}

/** Returns the message that an event is about; null if it stands for itself. */
const targetOf = (event: RoomEvent): MessageReference | null =>
  isChange(event) ? event.target : event.kind === 'message' ? (event.replyTo ?? null) : null;

/** What was said in one room. */
export class SaidMessages {
  readonly #context: Pick<ClientContext, 'signer' | 'fileDeleted'>;
  readonly #store: MessageStore;
  readonly #roomId: RoomId;
  /** The latest messages, while none is kept. */
  #remembered: ReadonlyMap<string, KeptMessage> = new Map();

  constructor(context: Pick<ClientContext, 'messages' | 'signer' | 'fileDeleted'>, roomId: RoomId) {
    this.#context = context;
    this.#store = context.messages;
    this.#roomId = roomId;
  }

  /** Returns a message at a position; null if the client does not have it. */
  async find(seq: number, hash?: string): Promise<KeptMessage | null> {
    for (const name of [this.#roomId, nameOfSecondReading(this.#roomId)]) {
      const found = await this.#store.find(name, seq, hash);
      if (found !== null) return found;
    }
    const remembered = [...this.#remembered.values()];
    return remembered.findLast((each) => each.seq === seq && (hash === undefined || each.hash === hash)) ?? null;
  }

  /**
   * Returns the messages to which events refer, as they were before these events; null at once if they refer to none.
   *
   * @param name the name under which messages are kept that are read now
   */
  lookUp(events: readonly RoomEvent[], name: string): Promise<Referred> | null {
    const targets = events.flatMap((event) => targetOf(event) ?? []);
    return targets.length === 0 ? null : this.#lookUp(targets, name);
  }

  async #lookUp(targets: readonly MessageReference[], name: string): Promise<Referred> {
    const found = new Map<string, KeptMessage>();
    for (const { seq, hash } of targets) {
      if (found.has(hash)) continue;
      const message = await this.#findAnywhere(name, seq, hash).catch(() => null);
      if (message !== null) found.set(hash, message);
    }
    return found;
  }

  /** @throws Error of the system. It must not end the reading of the log: the entries after it would seem out of order */
  async #findAnywhere(name: string, seq: number, hash: string): Promise<KeptMessage | null> {
    return (await this.#store.find(name, seq, hash)) ?? this.find(seq, hash);
  }

  /** Keeps what events say under a name, and what they change. */
  take(events: readonly RoomEvent[], name: string, referred: Referred = nothingReferred): Said {
    const now = new Map(referred);
    const kept = new Map<string, KeptMessage>();
    const about = new Map<RoomEvent, MessageView>();
    const keep = (message: KeptMessage) => {
      if (message.hash === undefined) return;
      now.set(message.hash, message);
      kept.set(message.hash, message);
    };
    const counting = events.filter((event) => {
      if (!isReadMessage(event)) return true;
      if (event.kind === 'without-effect') return false;
      const target = targetOf(event);
      const before = target === null ? null : (now.get(target.hash) ?? null);
      // The position is part of the reference: a message at another one is not meant.
      const meant = before?.seq === target?.seq ? before : null;
      const after = isChange(event) && meant !== null ? changedBy(meant, changeOf(event)) : meant;
      if (after !== null) about.set(event, messageView(after, null));
      if (isChange(event) && after?.deleted !== undefined) this.#fileDeleted(event, meant);
      if (!isChange(event)) keep(keptOf(event));
      else if (after !== null) keep(after);
      return !isChange(event) || after !== null;
    });
    this.#store.add(this.#roomId, [...kept.values()], name);
    this.#remember(kept);
    return {
      events: counting,
      about: (event) => {
        const message = about.get(event);
        return message === undefined ? {} : { about: message };
      },
    };
  }

  /** The client of the user who has deleted a message deletes the ciphertext of its file. */
  #fileDeleted({ fingerprint }: ChangeEvent, before: KeptMessage | null): void {
    const { signer, fileDeleted } = this.#context;
    if (fingerprint === signer.fingerprint && before?.file !== undefined) fileDeleted(this.#roomId, before.file.blob);
  }

  #remember(kept: ReadonlyMap<string, KeptMessage>): void {
    const isKept = this.#store.retentionOf(this.#roomId) !== 'nothing';
    if (isKept && this.#remembered.size === 0) return;
    this.#remembered = new Map(isKept ? [] : [...this.#remembered, ...kept].slice(-maxRemembered));
  }
}
