/** The chat on a full screen: shows a conversation beside its rooms and members, and reads what the user types at the bottom. */
import type { Key } from 'node:readline';
import type { ClientEvent, RoomView, Scheduler } from '@chat/client';
import type { RoomName, UserName } from '@chat/protocol';
import { sanitise } from '@chat/safe-text';
import type { ColourDepth } from '@chat/terminal-screen';
import { unreadRooms } from '../attention/concern.ts';
import type { Client } from '../client-surface.ts';
import type { Conversation } from '../conversation/conversation.ts';
import { type Display, type EnteredRoom, ruleLine } from '../screen/display.ts';
import type { Palette } from '../screen/palette.ts';
import { commonBeginning, listOf } from '../terminal/completing.ts';
import type { Console, ReadOptions } from '../terminal/console.ts';
import { withLineFeeds } from '../terminal/paste.ts';
import { type LineOutput, printLine } from '../terminal/print-line.ts';
import { clockTime } from '../text/time.ts';
import { EarlierPages } from './earlier-pages.ts';
import { FramePace } from './frame-pace.ts';
import { FullTerminal, type FullTerminalOptions, type ScreenOutput } from './full-terminal.ts';
import { type Action, actionOf, keysText } from './keys.ts';
import { columnsOf } from './layout/columns.ts';
import { FrameLayout } from './layout/frame.ts';
import { LogRows, type Position } from './layout/log-rows.ts';
import { type Change, changed, firstModel, logOf, type Model } from './model/model.ts';
import { roomBeside } from './model/room-order.ts';
import { Typing } from './typing.ts';

/** Options of `FullScreen`. */
export interface FullScreenOptions {
  readonly client: Client;
  readonly clock: Scheduler;
  readonly palette: Palette;
  readonly colours: ColourDepth;
  readonly keyboard: FullTerminalOptions['keyboard'];
  readonly output: ScreenOutput & LineOutput;
  /** Called at Ctrl-C. */
  interrupted(): void;
}

/** What the client says of the rooms, as of the latest event that may have changed it. */
interface Rooms {
  readonly views: readonly RoomView[];
  readonly changed: readonly string[];
}

/** A full screen for one client. */
export class FullScreen implements Console, Display {
  readonly canHide = true;
  readonly #options: FullScreenOptions;
  readonly #terminal: FullTerminal;
  readonly #log: LogRows;
  readonly #layout: FrameLayout;
  readonly #typing = new Typing();
  readonly #pace: FramePace;
  readonly #pages: EarlierPages;
  readonly #unsubscribe: () => void;
  #model: Model;
  #rooms: Rooms | null = null;
  #conversation: Pick<Conversation, 'enter' | 'roomReading'> | null = null;
  /** The pending read; null while a command runs. */
  #reading: (ReadOptions & { answer(line: string | null): void }) | null = null;
  #position: Position | null = null;
  /** The rows of the message column in the latest frame. */
  #height = 1;
  #hint = '';
  /** The room that the user goes to, while its messages are read. */
  #target: RoomName | null = null;
  #isOpen = true;

  constructor(options: FullScreenOptions) {
    const { client, clock, palette, keyboard, output, colours } = options;
    this.#options = options;
    this.#model = firstModel;
    const isBlocked = (user: UserName) => client.attention.settings.blocked.includes(user);
    this.#log = new LogRows({ palette, time: clockTime, me: client.user, isBlocked });
    this.#layout = new FrameLayout(palette, this.#log);
    this.#pages = new EarlierPages({
      client,
      taken: (roomName, page) => this.#apply({ kind: 'earlier', roomName, page }),
      alarm: (text) => this.print(palette.alarm(text)),
    });
    this.#pace = new FramePace(clock, () => this.#draw());
    this.#terminal = new FullTerminal({
      ...{ keyboard, output, colours },
      pressed: (text, key) => this.#pressed(text, key),
      lost: () => this.#pace.now(),
    });
    this.#unsubscribe = client.subscribe((event) => this.#happened(event));
  }

  /** The width of the message column. */
  get columns(): number {
    return columnsOf(this.#terminal.size.columns).messages;
  }

  /** Sets the conversation whose rooms the keys enter. */
  begin(conversation: Pick<Conversation, 'enter' | 'roomReading'>): void {
    this.#conversation = conversation;
    this.print(this.#options.palette.quiet('(PgUp scrolls, Alt-Up and Alt-Down switch rooms, F1 lists the keys)'));
  }

  print(text: string): void {
    if (this.#isOpen) this.#apply({ kind: 'said', text, at: this.#now() });
    else printLine(this.#options.output, text);
  }

  event(event: ClientEvent, text: string | null): void {
    this.#apply({ kind: 'event', event, text, at: this.#now() });
  }

  rule(text: string): void {
    this.print(this.#options.palette.quiet(ruleLine(text)));
  }

  entered(room: EnteredRoom): void {
    this.#apply({ kind: 'entered', room, at: this.#now() });
    this.#arrived(room.roomName);
  }

  moved(roomName: RoomName | null): void {
    this.#apply({ kind: 'moved', roomName });
    this.#arrived(roomName);
  }

  read(options: ReadOptions): Promise<string | null> {
    if (!this.#isOpen) return Promise.resolve(null);
    this.#typing.ask(options.kind !== 'compose');
    return new Promise((answer) => {
      this.#reading = { ...options, answer };
      this.#pace.now();
    });
  }

  setPrompt(): void {
    // The status line names the room.
  }

  /** Gives the terminal back. What is printed from then on stands on the terminal's own screen. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#pace.stop();
    this.#unsubscribe();
    this.#terminal.close();
    this.#answer(null);
  }

  #now(): number {
    return this.#options.clock.now();
  }

  /** What is shown of the current room does not change with a message there, of which there may be many in a second. */
  #happened(event: ClientEvent): void {
    if (event.kind === 'room' && event.event.kind === 'message' && event.roomName === this.#model.current) return;
    this.#rooms = null;
    this.#pace.soon();
  }

  #apply(change: Change): void {
    if (change.kind === 'said') this.#rooms = null;
    this.#model = changed(this.#model, change);
    this.#pace.soon();
  }

  #arrived(roomName: RoomName | null): void {
    const { client } = this.#options;
    const typedIn = this.#typing.room;
    const before = typedIn === null ? null : client.room(typedIn);
    this.#typing.goTo(roomName, typedIn === null || before === null || before.left);
    if (typedIn !== roomName) this.#position = null;
    this.#rooms = null;
  }

  #draw(): void {
    const { client } = this.#options;
    const reading = this.#reading;
    const { views, changed: identities } = this.#knownRooms();
    const { frame, height, above } = this.#layout.draw({
      ...this.#terminal.size,
      ...{ model: this.#model, client, rooms: views, changed: identities, position: this.#position },
      ...{ prompt: reading === null || reading.kind === 'compose' ? '> ' : reading.prompt, hint: this.#hint },
      ...{ draft: this.#typing.draft, isSecret: reading?.kind === 'secret', now: this.#now() },
    });
    this.#height = Math.max(1, height);
    this.#terminal.show(frame);
    if (above < height) this.#pages.wanted(this.#model.current, logOf(this.#model, this.#model.current));
  }

  #knownRooms(): Rooms {
    const { client } = this.#options;
    this.#rooms ??= { views: client.rooms(), changed: client.changedIdentities().map(({ user }) => user) };
    return this.#rooms;
  }

  #pressed(text: string | undefined, key: Key): void {
    this.#hint = '';
    this.#conversation?.roomReading.marks.active();
    const action = actionOf(key);
    if (action !== null) this.#act(action);
    // A pasted text has a sign for each line feed.
    else if (text !== undefined && /^\P{Cc}+$/u.test(text)) this.#typing.insert(withLineFeeds(text));
    this.#pace.now();
  }

  #act(action: Action): void {
    if (this.#typing.edit(action)) return;
    if (action === 'submit') this.#submit();
    else if (action === 'complete') this.#complete();
    else if (action === 'page-up' || action === 'page-down') this.#scroll(action);
    else if (action === 'interrupt') this.#options.interrupted();
    else if (action === 'suspend') this.#terminal.suspend();
    else if (action === 'draw-again') this.#terminal.forget();
    else if (action === 'list-keys') this.print(keysText(this.columns));
    else if (action === 'end-of-input') this.#endOfInput();
    else this.#go(action);
  }

  #endOfInput(): void {
    if (this.#typing.isEmpty) this.#answer(null);
    else this.#typing.edit('delete');
  }

  #submit(): void {
    const { palette } = this.#options;
    const reading = this.#reading;
    if (reading === null) {
      this.#hint = palette.alarm('The command before is not finished yet: press Enter again when it is.');
      return;
    }
    const line = this.#typing.enter();
    this.#position = null;
    // A message is shown when it is on the room's log. What else was entered stays in sight.
    if (reading.kind !== 'secret' && reading.erased?.(line) !== true && line.trim() !== '') {
      const prompt = reading.kind === 'question' ? reading.prompt : '> ';
      this.print(palette.quiet(`${prompt}${sanitise(line)}`));
    }
    this.#answer(line);
  }

  #answer(line: string | null): void {
    const reading = this.#reading;
    if (reading === null) return;
    this.#reading = null;
    this.#typing.ask(false);
    reading.answer(line);
  }

  #complete(): void {
    const { before } = this.#typing.draft;
    const found = this.#reading?.complete?.(before) ?? null;
    if (found === null) {
      this.#typing.insert('\t');
      return;
    }
    const { part, candidates } = found;
    const common = commonBeginning(candidates);
    if (common.length > part.length) this.#typing.replaceBefore(before.slice(0, before.length - part.length) + common);
    else if (candidates.length > 1) this.#hint = this.#options.palette.quiet(listOf(candidates));
  }

  #scroll(action: 'page-up' | 'page-down'): void {
    const log = logOf(this.#model, this.#model.current);
    const by = Math.max(1, this.#height - 1);
    this.#position =
      action === 'page-up'
        ? this.#log.up(log, this.#position, by, this.#height)
        : this.#log.down(log, this.#position, by);
  }

  #go(action: Action): void {
    // While a question waits, its answer belongs to the room in which it was asked.
    if (this.#reading?.kind !== 'compose') return;
    const { views } = this.#knownRooms();
    const names = views.map(({ roomName }) => roomName);
    const from = this.#target ?? this.#model.current;
    const next =
      action === 'unread-room'
        ? (unreadRooms(views, from)[0]?.roomName ?? null)
        : roomBeside(names, from, action === 'next-room' ? 1 : -1);
    const view = views.find(({ roomName }) => roomName === next);
    if (view === undefined) {
      this.#hint = this.#options.palette.quiet(
        action === 'unread-room' ? 'There are no unread messages in other rooms.' : 'There is no other room.',
      );
      return;
    }
    this.#target = view.roomName;
    void this.#conversation?.enter(view).finally(() => {
      if (this.#target === view.roomName) this.#target = null;
    });
  }
}
