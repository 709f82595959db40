/** A bot that joins a room, or creates it, and repeats what members say to it: `!echo TEXT`. */
import type { ChatClient } from '@chat/client';
import { enrol, fetchAuthority, listProfiles, openProfile } from '@chat/client/node';
import { codeOf, parseInvitationLine } from '@chat/protocol';

const user = 'echo';

/** Opens the bot's profile below `home`. The first time, enrols the bot at the server that `text` names. */
async function openBot(home: string, text: string, password: string): Promise<ChatClient> {
  const profile = (await listProfiles(home)).find((summary) => summary.user === user);
  if (profile !== undefined) return openProfile(profile, password);

  const line = parseInvitationLine(text);
  if (line === null) throw new Error('Set CHAT_LINE to the line that the server printed.');
  const authority = await fetchAuthority(line);
  // No user is there to compare fingerprints, so the line must contain it.
  if (authority.fingerprint !== line.fingerprint) throw new Error('This is not the server that CHAT_LINE names.');
  const { invitation } = line;
  return enrol({ home, address: line, authority, user, password, ...(invitation !== undefined && { invitation }) });
}

const [room = 'lobby'] = process.argv.slice(2);
const { BOT_HOME: home = 'profile', BOT_PASSWORD: password = '', CHAT_LINE: text = '' } = process.env;
const bot = await openBot(home, text, password);

bot.subscribe((event) => {
  if (event.kind === 'connection' && event.status === 'offline') console.error(event.reason);
  // `live` is false for entries from before the bot connected; those get no answer.
  if (event.kind !== 'room' || event.event.kind !== 'message' || event.mine || !event.live) return;
  const said = /^!echo (.+)/s.exec(event.event.text)?.[1];
  if (said === undefined) return;
  bot.send(event.roomName, said).catch((error: unknown) => console.error(error));
});

await bot.connect();
try {
  await bot.joinRoom(room);
} catch (error) {
  if (codeOf(error) !== 'unknown-room') throw error;
  await bot.createRoom(room);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bot.close());
console.log(`${user} is in ${room}`);
