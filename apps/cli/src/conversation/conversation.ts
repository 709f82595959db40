/** A person among their rooms: which one they are in, what they see of it, what they say. */
import type { ClientEvent, RoomView } from '@chat/client';
import type { Client } from '../client-surface.ts';
import type { Clock } from '../clock.ts';
import type { Palette } from '../screen/palette.ts';
import { present } from '../screen/present.ts';
import { sanitiseLine } from '../screen/sanitise.ts';
import { alarm, messageLine, type Scene } from '../screen/scene.ts';
import { timeOfDay } from '../screen/time.ts';
import { Outgoing } from './outgoing.ts';
import { Shown } from './shown.ts';

/** How many of a room's latest messages are shown on entering it. */
const recentShown = 20;

export interface ConversationOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly palette: Palette;
  print(text: string): void;
}

export class Conversation {
  readonly client: Client;
  readonly outgoing: Outgoing;
  readonly #options: ConversationOptions;
  readonly #shown = new Shown();
  /** By room: who left, and who was removed, since its latest key. */
  readonly #departed = new Map<string, Pick<Scene, 'leavers' | 'removed'>>();
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
    this.#unsubscribe = client.subscribe((event) => this.#take(event));
  }

  /** Name of the room that the person is in; null when in none. */
  get room(): string | null {
    return this.#room;
  }

  get palette(): Palette {
    return this.#options.palette;
  }

  print(text: string): void {
    this.#options.print(text);
  }

  /** Goes to a joined room and shows its latest messages. */
  enter(view: RoomView): void {
    const here = this.#room === view.name;
    this.#room = view.name;
    const scene = this.#scene();
    // Before the log is read to its end, who has come meanwhile is not known.
    const members = view.caughtUp ? ` (${count(view.members.length, 'member')})` : '';
    this.print(this.palette.strong(`You are in ${sanitiseLine(view.name)}${members}.`));
    const recent = here ? [] : view.recent.slice(-recentShown);
    for (const { user, at, text } of recent) this.print(messageLine(scene, user, at, text));
    const last = view.recent.at(-1);
    if (last !== undefined) this.#shown.mark(view.room, last.seq);
    if (view.removed) this.print(this.palette.quiet('(you were removed from it: nothing comes or goes any more)'));
    if (!view.hasKey) this.print(this.palette.quiet('(the room key is on its way)'));
    if (view.unsent > 0) this.print(this.palette.quiet(`(${count(view.unsent, 'message')} of yours not sent yet)`));
  }

  /** The room has been left. */
  exit(view: RoomView): void {
    this.#shown.forget(view.room);
    this.#departed.delete(view.room);
    if (this.#room === view.name) this.#room = null;
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
      ...this.#departedFrom(room),
    };
  }

  #departedFrom(room: string | undefined): Pick<Scene, 'leavers' | 'removed'> {
    return (room === undefined ? undefined : this.#departed.get(room)) ?? { leavers: [], removed: [] };
  }

  #take(event: ClientEvent): void {
    if (event.kind !== 'room') {
      if (this.#shown.isNew(event) && !this.#isOfStranger(event)) this.#show(event, this.#scene());
      return;
    }
    const { room, name, event: what, live } = event;
    const { leavers, removed } = this.#departedFrom(room);
    if (what.kind === 'left') this.#departed.set(room, { leavers: [...leavers, what.user], removed });
    if (what.kind === 'removed') this.#departed.set(room, { leavers, removed: [...removed, what.user] });
    // What was said elsewhere while we were away is shown when that room is entered.
    const elsewhere = name !== this.#room && !live && what.kind !== 'violation';
    if (!elsewhere && this.#shown.isNew(event)) this.#show(event, this.#scene(room));
    if (what.kind === 'epoch') this.#departed.delete(room);
  }

  /** Presence of somebody who has left the room. */
  #isOfStranger(event: ClientEvent): boolean {
    if (event.kind !== 'presence') return false;
    return this.client.room(event.name)?.members.every(({ user }) => user !== event.user) ?? true;
  }

  #show(event: ClientEvent, scene: Scene): void {
    const text = present(event, scene);
    if (text !== null) this.print(text);
  }
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
