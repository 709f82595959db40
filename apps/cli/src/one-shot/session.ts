/** A connected client for one command. It is closed whatever happens. */
import type { RoomView } from '@chat/client';
import { codeOf } from '@chat/protocol';
import { addressText, type Client, type Profile } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import { isTemporary } from '../first-connection.ts';
import type { RunContext } from '../run-context.ts';
import { onlyProfile } from '../sign-in/choice.ts';
import { renewalNote, unlock } from '../sign-in/unlock.ts';
import { unlessStopped } from '../stop.ts';
import { printLine } from '../terminal/print-line.ts';
import { asCommandError, type ErrorContext, sentenceFor } from '../text/error-sentence.ts';
import { findRoom, titleOf } from '../text/room-title.ts';
import { until } from './until.ts';
import { withPrompt } from './with-prompt.ts';

/** How long a command waits for the log of a room. */
const catchUpTimeoutMs = 30_000;

/** Prints on standard error how a renewal of the identity key stands that an earlier run has begun. */
export function reportRenewal(client: Client, { stderr }: RunContext): void {
  const note = renewalNote(client);
  if (note !== null) printLine(stderr, note);
}

type Work<T> = (client: Client) => Promise<T>;

/** Returns the profiles on this machine. Reports damaged ones on standard error, because the command may be about another one. */
export const listedProfiles = ({ profiles, settings, stderr }: RunContext): Promise<readonly Profile[]> =>
  profiles.listProfiles(settings.home, (error) => printLine(stderr, sentenceFor(error)));

/** Whether a command that needs no connection goes on without one. */
interface Offline {
  readonly mayBeOffline: boolean;
}

/** Connects. If that fails for now and need not succeed, says so on standard error. */
async function connect(client: Client, { stop, stderr }: RunContext, about: ErrorContext, { mayBeOffline }: Offline) {
  try {
    await unlessStopped(stop.signal, client.connect());
  } catch (error) {
    if (!mayBeOffline || !isTemporary(codeOf(error))) throw error;
    printLine(stderr, `${sentenceFor(error, about)} What follows is what is stored on this machine.`);
  }
}

async function opened<T>(
  context: RunContext,
  about: ErrorContext,
  work: (client: Client, about: ErrorContext) => Promise<T>,
): Promise<T> {
  const { profiles, settings, stop } = context;
  const profile = onlyProfile(await listedProfiles(context), settings);
  const client = await withPrompt(context, (prompt) =>
    unlessStopped(stop.signal, unlock(profile, { profiles, settings, prompt })),
  );
  const named = { server: addressText(profile), user: profile.user, ...about };
  try {
    reportRenewal(client, context);
    return await work(client, named);
  } catch (error) {
    throw asCommandError(error, named);
  } finally {
    await client.close();
  }
}

/**
 * Opens the profile, works without a connection, and closes.
 *
 * @throws CommandError that names the server, the user and what `about` has
 */
export const withProfile = <T>(context: RunContext, about: ErrorContext, work: Work<T>): Promise<T> =>
  opened(context, about, (client) => unlessStopped(context.stop.signal, work(client)));

const connected = <T>(
  context: RunContext,
  about: ErrorContext,
  work: Work<T>,
  offline: Offline = { mayBeOffline: false },
): Promise<T> =>
  opened(context, about, async (client, named) => {
    await connect(client, context, named, offline);
    return await work(client);
  });

/**
 * Opens the profile, connects, works, and closes.
 *
 * @throws CommandError that names the server, the user and what `about` has
 */
export const withClient = <T>(context: RunContext, about: ErrorContext, work: Work<T>): Promise<T> =>
  connected(context, about, (client) => unlessStopped(context.stop.signal, work(client)));

/** Like `withClient`, for work that what is stored is enough for: the client may be offline. */
export const withStored = <T>(context: RunContext, about: ErrorContext, work: Work<T>): Promise<T> =>
  connected(context, about, (client) => unlessStopped(context.stop.signal, work(client)), { mayBeOffline: true });

/** Like `withStored`, for work that ends without an error when the run is stopped. */
export const untilStopped = (context: RunContext, about: ErrorContext, work: Work<void>): Promise<void> =>
  connected(
    context,
    about,
    (client) =>
      unlessStopped(context.stop.signal, work(client)).catch((error: unknown) => {
        if (!context.stop.signal.aborted) throw error;
      }),
    { mayBeOffline: true },
  );

/** Like `withClient`, with a joined room whose log was read to its end, so that a decision takes all of it into account. */
export const withRoom = <T>(
  context: RunContext,
  about: ErrorContext & { readonly room: string },
  work: (client: Client, room: RoomView) => Promise<T>,
): Promise<T> =>
  withClient(context, about, async (client) => {
    await readToEnd(client, joinedRoom(client, about.room), context);
    return work(client, joinedRoom(client, about.room));
  });

/**
 * Returns the joined room with a name or title.
 *
 * @throws CommandError `not-joined`
 */
export function joinedRoom(client: Client, title: string): RoomView {
  const view = findRoom(client.rooms(), title);
  if (view !== null) return view;
  throw new CommandError('not-joined', `You are not a member of ${title}: join it first with "chat join ${title}".`);
}

/**
 * Resolves when the log of a room was read to its end.
 *
 * @throws CommandError `timed-out`
 */
export async function readToEnd(client: Client, room: RoomView, { clock }: RunContext): Promise<void> {
  const isRead = () => {
    const view = client.room(room.roomName);
    return view === null || view.caughtUp || view.removed || view.left;
  };
  if (await until(client, isRead, { clock, timeoutMs: catchUpTimeoutMs })) return;
  throw new CommandError('timed-out', `The log of ${titleOf(room)} did not arrive in time: try again.`);
}

/** Says that what was printed of the messages on this machine may not be all. */
export const damagedSentence =
  'Messages may be missing here: a file of the folder messages in your profile is missing, was altered or cannot be read. Restore the folder from the backup that state.sealed is from.';

/**
 * Ends a command that has printed messages of this machine.
 *
 * @throws CommandError `messages-damaged`, if some may be missing
 */
export function requireUndamaged({ messages }: Client): void {
  if (messages.areDamaged) throw new CommandError('messages-damaged', damagedSentence);
}

/** Returns true when a message can be sent to a room now. */
export const canSend = (view: RoomView | null): boolean => view?.caughtUp === true && view.hasKey && !view.rekeying;
