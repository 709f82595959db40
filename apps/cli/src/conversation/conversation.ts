/** The user's rooms on the screen: which room is the current one, and which events are printed. */
import type { ClientEvent, MessageView, RoomView, Scheduler } from '@chat/client';
import type { Fingerprint, Identity, RoomId, RoomName, UserName } from '@chat/protocol';
import { isPrintedElsewhere } from '../attention/concern.ts';
import { RoomReading } from '../attention/room-reading.ts';
import type { RoomClientEvent } from '../client-event.ts';
import type { Client } from '../client-surface.ts';
import type { Display } from '../screen/display.ts';
import { enteredTexts } from '../screen/entered-texts.ts';
import { knockList } from '../screen/lists.ts';
import { messageText } from '../screen/message-text.ts';
import type { Palette } from '../screen/palette.ts';
import { present } from '../screen/present.ts';
import { RoomTitles } from '../screen/room-titles.ts';
import { noNotes, notice, type Scene } from '../screen/scene.ts';
import { unreadablePages } from '../text/error-sentence.ts';
import { timeOfDay } from '../text/time.ts';
import { LookingBack } from './looking-back.ts';
import { RoomNotes } from './notes.ts';
import { Outgoing } from './outgoing.ts';
import { Shown } from './shown.ts';

/** Options of `Conversation`. */
export interface ConversationOptions {
  readonly client: Client;
  readonly clock: Scheduler;
  readonly palette: Palette;
  readonly display: Display;
}

/** The current room and the events that the screen shows. */
export class Conversation {
  readonly client: Client;
  readonly outgoing: Outgoing;
  /** The messages of before. */
  readonly lookingBack: LookingBack;
  /** What the user reads in the current room. */
  readonly roomReading: RoomReading;
  readonly #options: ConversationOptions;
  readonly #shown = new Shown();
  readonly #notes = new RoomNotes();
  /** The rooms that the user knows to have joined. */
  readonly #known: Set<RoomId>;
  /** The direct rooms in whose place another one has come, with that one. The client leaves them by itself. */
  readonly #moved = new Map<RoomName, RoomName>();
  readonly #titles: RoomTitles;
  /** The number of rooms that the user is entering by a command. Meanwhile no event changes the room. */
  #entering = 0;
  /** The room whose latest messages are being read, and its events meanwhile, which are shown after them. */
  #reading: { readonly roomName: RoomName; readonly events: RoomClientEvent[] } | null = null;
  /** The fingerprints whose safety numbers the user has seen. */
  readonly safetyNumbersShown = new Map<UserName, Fingerprint>();
  #roomName: RoomName | null = null;
  readonly #unsubscribe: () => void;

  constructor(options: ConversationOptions) {
    const { client, clock, palette } = options;
    this.client = client;
    this.#options = options;
    this.outgoing = new Outgoing({ client, clock, palette, print: (text) => this.print(text) });
    this.lookingBack = new LookingBack(client);
    this.roomReading = new RoomReading({ client, clock });
    this.#titles = new RoomTitles(client);
    this.#known = new Set(client.rooms().map(({ roomId }) => roomId));
    this.#unsubscribe = client.subscribe((event) => this.#take(event));
  }

  /** Now, in milliseconds since 1970. */
  get now(): number {
    return this.#options.clock.now();
  }

  /** Marks the reason why there is no connection as shown, so that an event with the same reason is not printed. */
  outageShown(reason: string): void {
    this.#shown.markOutage(reason);
  }

  /** The name of the current room; null when there is none. */
  get roomName(): RoomName | null {
    return this.#roomName;
  }

  /** The title of the current room; null when there is none. */
  get title(): string | null {
    return this.#roomName === null ? null : this.titleOf(this.#roomName);
  }

  titleOf(roomName: RoomName): string {
    return this.#titles.of(roomName);
  }

  /** The width of the place where texts are shown. */
  get columns(): number {
    return this.#options.display.columns;
  }

  get palette(): Palette {
    return this.#options.palette;
  }

  print(text: string): void {
    this.#options.display.print(text);
  }

  /** Enters the room that `work` creates, joins or opens. */
  async goTo(work: Promise<RoomView>): Promise<RoomView> {
    return this.#byCommand(async () => {
      const view = await work;
      await this.#enter(view.roomName);
      return view;
    });
  }

  /** Makes a joined room the current one and prints its latest messages. Of several calls the last one counts. */
  async enter({ roomName }: RoomView): Promise<void> {
    await this.#byCommand(() => this.#enter(roomName));
  }

  async #byCommand<T>(work: () => Promise<T>): Promise<T> {
    this.#entering += 1;
    try {
      return await work();
    } finally {
      this.#entering -= 1;
      this.#follow();
    }
  }

  /** @param isMoved true if the room is the current one already, and its messages are to be printed all the same */
  async #enter(roomName: RoomName, isMoved = false): Promise<void> {
    const reading: { readonly roomName: RoomName; readonly events: RoomClientEvent[] } = { roomName, events: [] };
    this.#endReading();
    this.#reading = reading;
    this.roomReading.ruleDue();
    const latest = this.#roomName === roomName && !isMoved ? [] : await this.#latest(roomName);
    // Another room was entered meanwhile.
    if (this.#reading !== reading) return;
    const view = this.client.room(roomName);
    // The user may have left it meanwhile.
    if (view !== null) this.#show(view, latest);
    if (view !== null && !isMoved) this.#options.display.moved(this.#roomName);
    this.#endReading();
  }

  /** Shows the events that have waited for the latest messages. */
  #endReading(): void {
    const waiting = this.#reading?.events ?? [];
    this.#reading = null;
    for (const event of waiting) this.#takeRoomEvent(event);
  }

  /** Returns the latest messages of a room. If they cannot be read, it says so, and the room is entered all the same. */
  async #latest(roomName: RoomName): Promise<readonly MessageView[]> {
    try {
      return await this.lookingBack.latest(roomName, this.client.room(roomName)?.unread.count ?? 0);
    } catch (error) {
      this.print(this.palette.alarm(unreadablePages(error)));
      return [];
    }
  }

  #show(view: RoomView, latest: readonly MessageView[]): void {
    const { roomId, roomName } = view;
    this.#roomName = roomName;
    this.#known.add(roomId);
    const messages = latest.map((message, index) => {
      const rule = this.roomReading.ruleBefore(view, message.seq, index === 0);
      return { message, text: this.textOf(message), ...(rule !== null && { rule }) };
    });
    const texts = enteredTexts(view, this.titleOf(roomName), this.palette);
    this.#options.display.entered({ roomName, messages, ...texts });
    this.#shown.mark(roomId, latest);
    this.roomReading.entered(view);
  }

  /** Forgets a room that the user has left. */
  exit({ roomId, roomName }: Pick<RoomView, 'roomId' | 'roomName'>): void {
    this.#shown.forget(roomId);
    this.#known.delete(roomId);
    this.#notes.forget(roomId);
    if (this.#roomName !== roomName) return;
    this.#roomName = null;
    this.#options.display.moved(this.#roomName);
  }

  /** Prints knocks at a room, and remembers with which identity keys. */
  showKnocks(roomName: RoomName, knocks: readonly Identity[]): void {
    const view = this.client.room(roomName);
    for (const knock of knocks) if (view !== null) this.#shown.markKnock(view.roomId, knock);
    this.print(knockList(knocks));
  }

  /** Returns the identity key with which a user's knock at a room was printed; null when it was not. */
  knockShown(roomName: RoomName, user: UserName): Fingerprint | null {
    const view = this.client.room(roomName);
    return view === null ? null : this.#shown.knockShown(view.roomId, user);
  }

  /** Stops printing events. The user has seen what was printed. */
  close(): void {
    this.roomReading.marks.active();
    this.#unsubscribe();
  }

  /** Prints messages of the current room from before. */
  showMessages(messages: readonly MessageView[]): void {
    for (const message of messages) this.print(this.textOf(message));
  }

  /** Returns a message as it is printed. */
  textOf(message: MessageView): string {
    return messageText(this.#scene(), message);
  }

  #scene(roomId?: RoomId): Scene {
    const { clock, palette, client } = this.#options;
    const now = clock.now();
    return {
      palette,
      now,
      time: (at) => timeOfDay(at, now),
      me: client.user,
      currentRoom: this.#roomName,
      title: (roomName) => this.titleOf(roomName),
      lookAlike: (user) => client.lookAlike(user),
      isBlocked: (user) => client.attention.settings.blocked.includes(user),
      ...(roomId === undefined ? noNotes : this.#notes.of(roomId)),
    };
  }

  #take(event: ClientEvent): void {
    this.#notes.take(event);
    if (event.kind === 'connection' && event.status === 'online') this.roomReading.ruleDue();
    // The user did not ask to leave a room that the client has left for another one.
    const isMovedFrom = event.kind === 'left' && this.#moved.delete(event.roomName);
    if (event.kind === 'room') this.#takeRoomEvent(event);
    else if (!isMovedFrom && this.#shown.isNew(event))
      this.#present(event, this.#scene('roomId' in event ? event.roomId : undefined));
    this.#notes.settle(event);
    if (event.kind === 'left') this.exit(event);
    if (event.kind !== 'direct-moved') return;
    this.#moved.set(event.from, event.roomName);
    this.#follow();
  }

  /** Goes on in the direct room that has taken the place of the current one, unless a command of the user is to say which one is next. */
  #follow(): void {
    const next = this.#roomName === null ? undefined : this.#moved.get(this.#roomName);
    if (next !== undefined && this.#entering === 0) this.#moveTo(next);
  }

  /** Makes a room the current one at once, so that what the user types now goes there. Its latest messages follow. */
  #moveTo(roomName: RoomName): void {
    if (this.client.room(roomName) === null) return;
    this.#roomName = roomName;
    this.#options.display.moved(this.#roomName);
    void this.#enter(roomName, true);
  }

  #takeRoomEvent(event: RoomClientEvent): void {
    const { roomId, roomName, event: roomEvent } = event;
    if (this.#reading?.roomName === roomName) {
      this.#reading.events.push(event);
      return;
    }
    if (roomEvent.kind === 'joined' && this.#isUnexpected(event)) {
      this.#admitted(roomId, roomName);
      return;
    }
    const isHere = roomName === this.#roomName;
    if (!isHere && !isPrintedElsewhere(this.client, event)) this.#options.display.event(event, null);
    else if (this.#shown.isNew(event)) {
      const rule = isHere ? this.roomReading.shows(event) : null;
      if (rule !== null) this.#options.display.rule(rule);
      this.#present(event, this.#scene(roomId));
    }
  }

  /** True when the client has joined a room without a command of the user, because a member has answered a knock. */
  #isUnexpected({ roomId, mine }: RoomClientEvent): boolean {
    return mine && this.#entering === 0 && !this.#known.has(roomId);
  }

  /** Enters a room that has admitted the user, unless another room is the current one. */
  #admitted(roomId: RoomId, roomName: RoomName): void {
    this.#known.add(roomId);
    const title = this.titleOf(roomName);
    const view = this.client.room(roomName);
    // The client joins a direct room by itself only in place of another one, which the event `direct-moved` says.
    if (view !== null && view.peer !== null) return;
    const next = this.#roomName === null ? '' : `: /join ${title} enters it`;
    this.print(notice(this.#scene(), this.#options.clock.now(), `you were admitted to ${title}${next}`));
    if (this.#roomName === null && this.#entering === 0) this.#moveTo(roomName);
  }

  #present(event: ClientEvent, scene: Scene): void {
    this.#options.display.event(event, present(event, scene));
  }
}
