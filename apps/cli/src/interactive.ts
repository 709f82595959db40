/** The chat on a screen: signs in, connects, and carries out lines until the user quits. */
import type { RoomView } from '@chat/client';
import { codeOf, type InvitationLine } from '@chat/protocol';
import type { Client } from './client-surface.ts';
import { menu } from './conversation/command.ts';
import { completionOf } from './conversation/complete-line.ts';
import { Conversation } from './conversation/conversation.ts';
import { enterLine, isMessage } from './conversation/enter-line.ts';
import { connectFirst } from './first-connection.ts';
import type { RunContext } from './run-context.ts';
import { paletteFor } from './screen/palette.ts';
import { signIn } from './sign-in/sign-in.ts';
import { renewalNote } from './sign-in/unlock.ts';
import { unlessStopped } from './stop.ts';
import type { Console } from './terminal/console.ts';
import { openConsole } from './terminal/open-console.ts';
import { Prompt } from './terminal/prompt.ts';
import { grouped } from './text/fingerprint.ts';

/** How long quitting waits for messages on their way: at a terminal, and in a script that pipes its lines in. */
const deliveryTimeoutMs = { terminal: 2_000, script: 30_000 } as const;

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

async function converse(client: Client, console: Console, context: RunContext): Promise<void> {
  const { clock, settings, stdout, stop } = context;
  const print = (text: string) => console.print(text);
  const palette = paletteFor(stdout, settings.colours);
  const moved = () => console.setPrompt(promptOf(conversation));
  const conversation = new Conversation({ client, clock, palette, print, moved });
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
    const room = latestRoom(client.rooms());
    if (room === null) print(menu);
    else await conversation.enter(room);
    await readLines(conversation, console, stop.signal);
    await awaitDelivery(conversation, console, context);
  } catch (error) {
    // A signal or Ctrl-C is a regular way to quit.
    if (codeOf(error) !== 'cancelled') throw error;
  } finally {
    conversation.close();
    reportUnsent({ client, print });
  }
}

/**
 * Signs in and runs the chat on the screen until the user quits.
 *
 * @param line the invitation line from the command line; null when there is none
 */
export async function interact(context: RunContext, line: InvitationLine | null): Promise<void> {
  const { profiles, settings, stdout, stop } = context;
  const console = openConsole(context, stdout);
  try {
    const prompt = new Prompt(() => console);
    const client = await unlessStopped(stop.signal, signIn(line, { profiles, settings, prompt }));
    try {
      await converse(client, console, context);
    } finally {
      await client.close();
    }
  } finally {
    console.close();
  }
}
