/** The chat in line mode: sign in, connect, then line by line until the person leaves. */
import type { RoomView } from '@chat/client';
import type { InvitationLine } from '@chat/protocol';
import type { Client } from './client-surface.ts';
import { codeOf } from './command-error.ts';
import { menu } from './conversation/command.ts';
import { Conversation } from './conversation/conversation.ts';
import { enterLine, isSaid } from './conversation/entered.ts';
import type { Surroundings } from './run-context.ts';
import { grouped } from './screen/fingerprint.ts';
import { paletteFor } from './screen/palette.ts';
import { explained } from './sentences.ts';
import { signIn } from './sign-in/sign-in.ts';
import { unlessStopped } from './stop.ts';
import type { Console } from './terminal/console.ts';
import { openConsole } from './terminal/open-console.ts';
import { Prompt } from './terminal/prompt.ts';

/** How long leaving waits for what is under way, in milliseconds: a person, and a script that fed its lines in. */
const farewell = { person: 2_000, script: 30_000 } as const;

const latest = (view: RoomView): number => view.recent.at(-1)?.at ?? 0;

/** The room where something was said last, of those that are not being left. */
function lastRoom(rooms: readonly RoomView[]): RoomView | null {
  return rooms
    .filter(({ leaving }) => !leaving)
    .reduce<RoomView | null>((best, room) => (best === null || latest(room) > latest(best) ? room : best), null);
}

const promptOf = ({ title }: Conversation): string => (title === null ? '> ' : `[${title}] > `);

async function readLines(conversation: Conversation, console: Console, signal: AbortSignal): Promise<void> {
  const prompt = new Prompt(() => console);
  for (;;) {
    const line = await console.read({
      kind: 'compose',
      prompt: promptOf(conversation),
      // What is said comes back from the room's log, and stands there once.
      erased: (typed) => conversation.room !== null && isSaid(typed),
    });
    if (line === null) return;
    const outcome = await unlessStopped(
      signal,
      enterLine(conversation, line, (question) => prompt.ask(question)),
    );
    if (outcome === 'end') return;
  }
}

/** Gives messages that are under way a moment to arrive. */
async function sayFarewell(conversation: Conversation, console: Console, { clock, stop }: Surroundings): Promise<void> {
  const { client, outgoing } = conversation;
  if (client.online || !console.canHide) {
    const patience = new Promise<void>((resolve) => {
      const cancel = clock.after(console.canHide ? farewell.person : farewell.script, resolve);
      outgoing.settled().then(cancel).then(resolve);
    });
    await unlessStopped(stop.signal, patience);
  }
}

function tellUnsent({ client, print }: { client: Client; print: (text: string) => void }): void {
  const unsent = client.rooms().reduce((sum, room) => sum + room.unsent, 0);
  if (unsent > 0) print(`${unsent} of your messages could not be sent yet: they are sent when you start chat again.`);
}

async function converse(client: Client, console: Console, surroundings: Surroundings): Promise<void> {
  const { clock, settings, stdout, stop } = surroundings;
  const print = (text: string) => console.print(text);
  const palette = paletteFor(stdout, settings.colours);
  const moved = () => console.setPrompt(promptOf(conversation));
  const conversation = new Conversation({ client, clock, palette, print, moved });
  try {
    await unlessStopped(stop.signal, client.connect()).catch((error: unknown) => {
      throw explained(error, { user: client.user });
    });
    print(
      palette.quiet(
        `You are ${client.user}. By this fingerprint others can know you:\n${grouped(client.fingerprint, '  ')}`,
      ),
    );
    const room = lastRoom(client.rooms());
    if (room === null) print(menu);
    else conversation.enter(room);
    await readLines(conversation, console, stop.signal);
    await sayFarewell(conversation, console, surroundings);
  } catch (error) {
    // Stopped while chatting: that is a way to leave.
    if (codeOf(error) !== 'cancelled') throw error;
  } finally {
    conversation.close();
    tellUnsent({ client, print });
  }
}

/** `line` is what the person was given to join with, or null. */
export async function interact(surroundings: Surroundings, line: InvitationLine | null): Promise<void> {
  const { profiles, settings, stdout, stop } = surroundings;
  const console = openConsole(surroundings, stdout);
  try {
    const prompt = new Prompt(() => console);
    const client = await unlessStopped(stop.signal, signIn(line, { profiles, settings, prompt }));
    try {
      await converse(client, console, surroundings);
    } finally {
      await client.close();
    }
  } finally {
    console.close();
  }
}
