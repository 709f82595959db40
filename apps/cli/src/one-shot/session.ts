/** A connected client for one command: opened, used, and closed whatever happens. */
import type { RoomView } from '@chat/client';
import { addressText, type Client } from '../client-surface.ts';
import { explained } from '../sentences.ts';
import { onlyProfile } from '../sign-in/choice.ts';
import { unlock } from '../sign-in/unlock.ts';
import { unlessStopped } from '../stop.ts';
import type { Surroundings } from '../surroundings.ts';
import { withPrompt } from './with-prompt.ts';

/** Opens the profile and connects, then works, then closes. Errors name the server, the user and the room. */
export async function withClient<T>(
  around: Surroundings,
  room: string | null,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { profiles, settings, stop } = around;
  const profile = onlyProfile(await profiles.listProfiles(settings.home), settings);
  const client = await withPrompt(around, (prompt) => unlock(profile, { profiles, settings, prompt }));
  try {
    await unlessStopped(stop.signal, client.connect());
    return await work(client);
  } catch (error) {
    throw explained(error, {
      server: addressText(profile),
      user: profile.user,
      ...(room === null ? {} : { room }),
    });
  } finally {
    await client.close();
  }
}

/** Whether all that the server has of a room was read. */
export const isCaughtUp = (view: RoomView | null): boolean => view === null || view.caughtUp;

/** Whether something can be said in a room now. */
export const maySpeak = (view: RoomView | null): boolean => view?.caughtUp === true && view.hasKey && !view.rekeying;
