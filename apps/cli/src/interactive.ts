/** The chat on a screen: signs in, connects, and carries out lines until the user quits. */
import type { RoomView } from '@chat/client';
import { codeOf, type InvitationLine } from '@chat/protocol';
import { colourDepth } from '@chat/terminal-screen';
import { Notifier } from './attention/notifier.ts';
import { type Signals, signal } from './attention/signals.ts';
import { UnreadSummary } from './attention/summary.ts';
import type { Client } from './client-surface.ts';
import { CommandError } from './command-error.ts';
import { menu } from './conversation/command.ts';
import { completionOf } from './conversation/complete-line.ts';
import { Conversation } from './conversation/conversation.ts';
import { enterLine, isMessage } from './conversation/enter-line.ts';
import { connectFirst } from './first-connection.ts';
import { FullScreen } from './full-screen/full-screen.ts';
import type { RunContext } from './run-context.ts';
import { type Display, LineDisplay } from './screen/display.ts';
import { colours, type Palette, paletteFor, richColours } from './screen/palette.ts';
import { signIn } from './sign-in/sign-in.ts';
import { renewalNote } from './sign-in/unlock.ts';
import { unlessStopped } from './stop.ts';
import type { Console } from './terminal/console.ts';
import { Keyboard } from './terminal/keyboard.ts';
import { openConsole } from './terminal/open-console.ts';
import { assumedColumns } from './terminal/print-line.ts';
import { Prompt } from './terminal/prompt.ts';
import { grouped } from './text/fingerprint.ts';

/** How long quitting waits for messages on their way: at a terminal, and in a script that pipes its lines in. */
const deliveryTimeoutMs = { terminal: 2_000, script: 30_000 } as const;

/** Returns the room that the user was in last, if they are still there, else the one with the latest message; null when there is none. */
function firstRoom(client: Client): RoomView | null {
  const last = client.attention.settings.lastRoom;
  const room = last === null ? null : client.room(last);
  return room === null || room.leaving ? latestRoom(client.rooms()) : room;
}

const timeOfLastMessage = (view: RoomView): number => view.latest?.at ?? 0;

/** Returns the room with the latest message, without the rooms that the user is leaving; null when there is none. */
function latestRoom(rooms: readonly RoomView[]): RoomView | null {
  return rooms
    .filter(({ leaving }) => !leaving)
    .reduce<RoomView | null>(
      (latest, room) => (latest === null || timeOfLastMessage(room) > timeOfLastMessage(latest) ? room : latest),
      null,
    );
}

const promptOf = ({ title }: Conversation): string => (title === null ? '> ' : `[${title}] > `);

/** Reads and carries out lines until the user quits. */
async function readLines(conversation: Conversation, console: Console, signal: AbortSignal): Promise<void> {
  const prompt = new Prompt(() => console);
  for (;;) {
    const line = await console.read({
      kind: 'compose',
      prompt: promptOf(conversation),
      // A message is printed when it arrives on the room's log, so the typed line is erased.
      erased: (typed) => conversation.roomName !== null && isMessage(typed),
      complete: (typed) => completionOf(conversation, typed),
      jump: () => void enterLine(conversation, '/unread', (question, unseen) => prompt.ask(question, unseen)),
    });
    if (line === null) return;
    const outcome = await unlessStopped(
      signal,
      enterLine(conversation, line, (question, unseen) => prompt.ask(question, unseen)),
    );
    if (outcome === 'end') return;
  }
}

/** Waits a moment for messages on their way. */
async function awaitDelivery(conversation: Conversation, console: Console, { clock, stop }: RunContext): Promise<void> {
  const { client, outgoing } = conversation;
  if (client.online || !console.canHide) {
    const delivered = new Promise<void>((resolve) => {
      const { terminal, script } = deliveryTimeoutMs;
      const cancel = clock.after(console.canHide ? terminal : script, resolve);
      outgoing.settled().then(cancel).then(resolve);
    });
    await unlessStopped(stop.signal, delivered);
  }
}

function reportUnsent({ client, print }: { client: Client; print: (text: string) => void }): void {
  const unsent = client.rooms().reduce((sum, room) => sum + room.unsent, 0);
  if (unsent === 0) return;
  const prospect =
    client.refusal === null
      ? 'could not be sent yet. They are kept, and sent when chat runs and has a connection.'
      : 'could not be sent, because the server refuses your connection.';
  print(`${unsent} of your messages ${prospect}`);
}

/** Where the user talks. */
interface Place {
  readonly console: Console;
  readonly display: Display;
  readonly palette: Palette;
  begin(conversation: Conversation): void;
  /** Called when the conversation is over. What is printed from then on is to stay on the terminal. */
  end(): void;
}

function linePlace(console: Console, { settings, stdout }: RunContext): Place {
  let conversation: Conversation | null = null;
  const print = (text: string) => console.print(text);
  const moved = () => {
    if (conversation !== null) console.setPrompt(promptOf(conversation));
  };
  const palette = paletteFor(stdout, settings.colours);
  return {
    console,
    display: new LineDisplay({
      ...{ print, moved, palette, plain: !console.canHide },
      columns: () => stdout.columns || assumedColumns,
    }),
    palette,
    begin: (begun) => {
      conversation = begun;
    },
    end: () => undefined,
  };
}

function fullPlace(client: Client, { clock, settings, stdin, stdout, stop }: RunContext): Place {
  const depth = colourDepth(settings.colours ? stdout.getColorDepth() : 1);
  // With fewer colours the screen shows the nearest ones, with none what is bold or dim.
  const palette = depth === 24 ? richColours : colours;
  const screen = new FullScreen({
    ...{ client, clock, palette, colours: depth, output: stdout, keyboard: new Keyboard(stdin) },
    interrupted: () => stop.abort(),
  });
  stop.signal.addEventListener('abort', () => screen.close(), { once: true });
  const begin = (conversation: Conversation) => screen.begin(conversation);
  return { console: screen, display: screen, palette, begin, end: () => screen.close() };
}

const signalsOf = ({ stdout, settings, notifyDesktop }: RunContext): Signals => ({
  write: stdout.isTTY ? (codes) => void stdout.write(codes) : null,
  terminal: settings.terminalNotification,
  desktop: notifyDesktop,
});

async function converse(client: Client, place: Place, context: RunContext): Promise<void> {
  const { clock, stop } = context;
  const { console, display, palette } = place;
  const print = (text: string) => console.print(text);
  const conversation = new Conversation({ client, clock, palette, display });
  const summary = new UnreadSummary({ client, clock, print, current: () => conversation.roomName });
  const notifier = new Notifier({
    ...{ client, clock },
    isWatching: (roomName) => roomName === conversation.roomName && conversation.roomReading.marks.isActive,
    call: (notification) => signal(signalsOf(context), notification),
  });
  place.begin(conversation);
  try {
    const prompt = new Prompt(() => console);
    const alarm = (text: string) => print(palette.alarm(`!! ${text}`));
    const note = renewalNote(client);
    if (note !== null) print(palette.quiet(note));
    const outage = (reason: string) => conversation.outageShown(reason);
    await connectFirst({ client, prompt, signal: stop.signal, alarm, outage });
    print(
      palette.quiet(
        `You are ${client.user}. The fingerprint of your identity key is\n${grouped(client.fingerprint, '  ')}`,
      ),
    );
    const room = firstRoom(client);
    if (room === null) print(menu);
    else await conversation.enter(room);
    summary.begin();
    await readLines(conversation, console, stop.signal);
    await awaitDelivery(conversation, console, context);
  } catch (error) {
    // A signal or Ctrl-C is a regular way to quit.
    if (codeOf(error) !== 'cancelled') throw error;
  } finally {
    notifier.close();
    summary.close();
    conversation.close();
    place.end();
    reportUnsent({ client, print });
  }
}

/** What the command line says of the chat. */
export interface InteractiveOptions {
  /** The invitation line; null when there is none. */
  readonly line: InvitationLine | null;
  /** True for the full screen, also if the settings do not ask for it. */
  readonly full: boolean;
  /** False to offer a new user no recovery phrase. */
  readonly offersRecovery: boolean;
}

/** Returns whether the chat fills the screen. @throws CommandError `no-screen` if the command line asks for it where it cannot */
function fillsScreen({ stdin, stdout, settings }: RunContext, isAsked: boolean): boolean {
  const canFill = stdin.isTTY && stdout.isTTY && !settings.isDumb;
  if (isAsked && !canFill) {
    throw new CommandError(
      'no-screen',
      'The full screen needs a terminal for input and output that can move its cursor: start chat without --full.',
    );
  }
  return canFill && (isAsked || settings.fullScreen);
}

/**
 * Signs in and runs the chat on the screen until the user quits.
 *
 * @throws CommandError
 */
export async function interact(context: RunContext, { line, full, offersRecovery }: InteractiveOptions): Promise<void> {
  const { profiles, settings, stdout, stop } = context;
  const isFull = fillsScreen(context, full);
  const console = openConsole(context, stdout);
  try {
    const prompt = new Prompt(() => console);
    const client = await unlessStopped(stop.signal, signIn(line, { profiles, settings, prompt, offersRecovery }));
    try {
      if (isFull) console.close();
      await converse(client, isFull ? fullPlace(client, context) : linePlace(console, context), context);
    } finally {
      await client.close();
    }
  } finally {
    console.close();
  }
}
