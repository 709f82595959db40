/** A connected client for one command: opened, used, and closed whatever happens. */
import type { RoomView } from '@chat/client';
import { addressText, type Client } from '../client-surface.ts';
import { Failure } from '../command-error.ts';
import type { Surroundings } from '../run-context.ts';
import { roomCalled, titleOf } from '../screen/title.ts';
import { type Circumstances, explained } from '../sentences.ts';
import { onlyProfile } from '../sign-in/choice.ts';
import { unlock } from '../sign-in/unlock.ts';
import { unlessStopped } from '../stop.ts';
import { until } from './until.ts';
import { withPrompt } from './with-prompt.ts';

/** How long reading a room's log may take, in milliseconds. */
const catchUpWithin = 30_000;

type Work<T> = (client: Client) => Promise<T>;

async function connected<T>(around: Surroundings, about: Circumstances, work: Work<T>): Promise<T> {
  const { profiles, settings, stop } = around;
  const profile = onlyProfile(await profiles.listProfiles(settings.home), settings);
  const client = await withPrompt(around, (prompt) => unlock(profile, { profiles, settings, prompt }));
  try {
    await unlessStopped(stop.signal, client.connect());
    return await work(client);
  } catch (error) {
    throw explained(error, { server: addressText(profile), user: profile.user, ...about });
  } finally {
    await client.close();
  }
}

/** Opens the profile and connects, then works, then closes. Errors name the server, the user and what `about` has. */
export const withClient = <T>(around: Surroundings, about: Circumstances, work: Work<T>): Promise<T> =>
  connected(around, about, (client) => unlessStopped(around.stop.signal, work(client)));

/** The same for work that being stopped is the way to end. */
export const untilStopped = (around: Surroundings, about: Circumstances, work: Work<void>): Promise<void> =>
  connected(around, about, (client) =>
    unlessStopped(around.stop.signal, work(client)).catch((error: unknown) => {
      if (!around.stop.signal.aborted) throw error;
    }),
  );

/** As `withClient`, with a joined room, all of whose log was read: what is decided about it is decided in view of that. */
export const withRoom = <T>(
  around: Surroundings,
  word: string,
  about: Circumstances,
  work: (client: Client, room: RoomView) => Promise<T>,
): Promise<T> =>
  withClient(around, { room: word, ...about }, async (client) => {
    await readToItsEnd(client, joinedRoom(client, word), around);
    return work(client, joinedRoom(client, word));
  });

/** The joined room that a word names: its name, or `@bob`. Fails with `not-joined`. */
export function joinedRoom(client: Client, word: string): RoomView {
  const view = roomCalled(client.rooms(), word);
  if (view !== null) return view;
  throw new Failure('not-joined', `You are not in ${word}: join it first with "chat join ${word}".`);
}

/** Resolves when all that the server has of a room was read. Fails with `timed-out`. */
export async function readToItsEnd(client: Client, room: RoomView, { clock }: Surroundings): Promise<void> {
  const isRead = () => {
    const view = client.room(room.roomName);
    return view === null || view.caughtUp || view.removed;
  };
  if (await until(client, isRead, { clock, timeoutMs: catchUpWithin })) return;
  throw new Failure('timed-out', `The log of ${titleOf(room)} did not arrive in time: try again.`);
}

/** Whether something can be said in a room now. */
export const maySpeak = (view: RoomView | null): boolean => view?.caughtUp === true && view.hasKey && !view.rekeying;
