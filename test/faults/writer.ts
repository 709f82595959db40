/**
 * A program that writes numbered texts to the room `lobby` until it is killed: `writer.ts HOME USER PASSWORD FIRST`. It prints
 * `sent N` before it hands a text to its client, and `acknowledged N` when the text is delivered.
 */
import { listProfiles, openProfile } from '@chat/client/node';

/** So many texts are under way at a time. */
const inFlight = 4;

const [home = '', user = '', password = '', first = ''] = process.argv.slice(2);
const profile = (await listProfiles(home)).find((summary) => summary.user === user);
if (profile === undefined) throw new Error(`no profile of ${user}`);
const client = await openProfile(profile, password);
client.subscribe((event) => {
  if (event.kind === 'room' && event.event.kind === 'violation') console.log(`violation ${event.event.code}`);
  // Texts that were under way when this program was killed are delivered after the next start.
  if (event.kind === 'room' && event.mine && event.event.kind === 'message')
    console.log(`delivered ${event.event.text}`);
});
client.keepConnecting();

let next = Number(first);
async function write(): Promise<void> {
  for (;;) {
    const text = `${user} ${next++}`;
    console.log(`sent ${text}`);
    await client.send('lobby', text);
    console.log(`acknowledged ${text}`);
  }
}
await Promise.all(Array.from({ length: inFlight }, write));
