/** A person among their rooms: which one they are in, what they see of it, what they say. */
import type { ClientEvent, RoomView, Scheduler } from '@chat/client';
import type { Client } from '../client-surface.ts';
import { policyMeaning } from '../room-policy.ts';
import type { Palette } from '../screen/palette.ts';
import { present } from '../screen/present.ts';
import type { RoomClientEvent } from '../screen/room-event.ts';
import { alarm, messageLine, noNotes, notice, type Scene } from '../screen/scene.ts';
import { timeOfDay } from '../screen/time.ts';
import { titleOf } from '../screen/title.ts';
import { RoomNotes } from './notes.ts';
import { Outgoing } from './outgoing.ts';
import { Shown } from './shown.ts';

/** How many of a room's latest messages are shown on entering it. */
const recentShown = 20;

export interface ConversationOptions {
  readonly client: Client;
  readonly clock: Scheduler;
  readonly palette: Palette;
  print(text: string): void;
  /** Called when the person is in another room than before. */
  moved(): void;
}

export class Conversation {
  readonly client: Client;
  readonly outgoing: Outgoing;
  readonly #options: ConversationOptions;
  readonly #shown = new Shown();
  readonly #notes = new RoomNotes();
  /** The rooms of which this person knows that they are in them. */
  readonly #known: Set<string>;
  /** What conversations of two are called, those that somebody has left too. */
  readonly #titles = new Map<string, string>();
  /** How many rooms are being entered because they said so. */
  #going = 0;
  /** The fingerprints whose safety numbers were shown, by user. */
  readonly safetyNumbersShown = new Map<string, string>();
  #room: string | null = null;
  readonly #unsubscribe: () => void;

  constructor(options: ConversationOptions) {
    const { client, clock, palette } = options;
    this.client = client;
    this.#options = options;
    this.outgoing = new Outgoing({
      client,
      clock,
      quiet: (text) => this.print(palette.quiet(text)),
      alarm: (text) => this.print(alarm(this.#scene(), text)),
    });
    this.#known = new Set(client.rooms().map(({ roomId: room }) => room));
    this.#unsubscribe = client.subscribe((event) => this.#take(event));
  }

  /** Name of the room that the person is in; null when in none. */
  get room(): string | null {
    return this.#room;
  }

  /** What that room is called on the screen. */
  get title(): string | null {
    return this.#room === null ? null : this.titleOf(this.#room);
  }

  /** What a room of this name is called on the screen. */
  titleOf(name: string): string {
    const view = this.client.room(name);
    // Whoever has left a conversation of two is no longer its peer, and it is still the one with them.
    if (view !== null && view.peer !== null) this.#titles.set(name, titleOf(view));
    return this.#titles.get(name) ?? titleOf({ roomName: name, peer: null });
  }

  get palette(): Palette {
    return this.#options.palette;
  }

  print(text: string): void {
    this.#options.print(text);
  }

  /** Goes to the room that this work leads into. */
  async goTo(work: Promise<RoomView>): Promise<RoomView> {
    this.#going += 1;
    try {
      const view = await work;
      this.enter(view);
      return view;
    } finally {
      this.#going -= 1;
    }
  }

  /** Goes to a joined room and shows its latest messages. */
  enter(view: RoomView): void {
    const here = this.#room === view.roomName;
    this.#room = view.roomName;
    this.#known.add(view.roomId);
    const scene = this.#scene();
    // Before the log is read to its end, who has come meanwhile is not known.
    const members = view.caughtUp ? ` (${count(view.members.length, 'member')})` : '';
    this.print(this.palette.strong(`You are in ${this.titleOf(view.roomName)}${members}.`));
    if (view.policy !== null) this.print(this.palette.quiet(`(${policyMeaning(view.policy)})`));
    const recent = here ? [] : view.recent.slice(-recentShown);
    for (const { user, at, text } of recent) this.print(messageLine(scene, user, at, text));
    const last = view.recent.at(-1);
    if (last !== undefined) this.#shown.mark(view.roomId, last.seq);
    if (view.removed) this.print(this.palette.quiet('(you were removed from it: nothing comes or goes any more)'));
    if (view.leaving) this.print(this.palette.quiet('(you are leaving it: that is done once the server answers)'));
    if (!view.hasKey) this.print(this.palette.quiet('(the room key is on its way)'));
    if (view.unsent > 0) this.print(this.palette.quiet(`(${count(view.unsent, 'message')} of yours not sent yet)`));
    this.#options.moved();
  }

  /** The room has been left. */
  exit({ roomId: room, roomName: name }: Pick<RoomView, 'roomId' | 'roomName'>): void {
    this.#shown.forget(room);
    this.#known.delete(room);
    this.#notes.forget(room);
    if (this.#room !== name) return;
    this.#room = null;
    this.#options.moved();
  }

  /** No more events are shown. */
  close(): void {
    this.#unsubscribe();
  }

  #scene(room?: string): Scene {
    const { clock, palette, client } = this.#options;
    const now = clock.now();
    return {
      palette,
      now,
      time: (at) => timeOfDay(at, now),
      me: client.user,
      room: this.#room,
      title: (name) => this.titleOf(name),
      ...(room === undefined ? noNotes : this.#notes.of(room)),
    };
  }

  #take(event: ClientEvent): void {
    this.#notes.take(event);
    if (event.kind === 'room') this.#takeOfRoom(event);
    else if (this.#shown.isNew(event)) this.#show(event, this.#scene('roomId' in event ? event.roomId : undefined));
    this.#notes.settle(event);
    if (event.kind === 'left') this.exit(event);
  }

  #takeOfRoom(event: RoomClientEvent): void {
    const { roomId: room, roomName: name, event: what, live } = event;
    if (what.kind === 'joined' && this.#isUnexpected(event)) {
      this.#letIn(room, name);
      return;
    }
    // What was said elsewhere while we were away is shown when that room is entered; what is not right is told at once.
    const elsewhere = name !== this.#room && !live && what.kind !== 'violation' && what.kind !== 'unreadable';
    if (!elsewhere && this.#shown.isNew(event)) this.#show(event, this.#scene(room));
  }

  /** Whether we have joined a room without having gone there: we knocked, and were let in. */
  #isUnexpected({ roomId: room, mine }: RoomClientEvent): boolean {
    return mine && this.#going === 0 && !this.#known.has(room);
  }

  /** Whoever is in no room is taken to the one that lets them in; whoever talks elsewhere goes there when they like. */
  #letIn(room: string, name: string): void {
    this.#known.add(room);
    const title = this.titleOf(name);
    const view = this.client.room(name);
    const go = this.#room === null ? '' : `: /join ${title} goes there`;
    this.print(notice(this.#scene(), this.#options.clock.now(), `you were let into ${title}${go}`));
    if (this.#room === null && view !== null) this.enter(view);
  }

  #show(event: ClientEvent, scene: Scene): void {
    const text = present(event, scene);
    if (text !== null) this.print(text);
  }
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
