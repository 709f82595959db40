/** The client program as a script starts it: one process for each message. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { enrol, fetchAuthority } from '@chat/client/node';
import type { ClientFigures } from './client-run.ts';

const main = join(import.meta.dirname, '../../../apps/cli/dist/main.js');
const password = 'a password of some length';
const [user, room] = ['sender', 'send'];

/** Runs in the program before its own code: at the end writes what the process has used to file descriptor 3. */
const reporter = `import { writeSync } from 'node:fs';
process.once('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`;

/** Enrols the user whose profile the program opens, and creates the room. */
export async function enrolSender(home: string, enrolmentPort: number): Promise<void> {
  const address = { host: '127.0.0.1', port: enrolmentPort };
  const client = await enrol({ home, address, authority: await fetchAuthority(address), user, password });
  await client.connect();
  await client.createRoom(room);
  await client.close();
}

/** Runs `chat send`, and resolves with what the process took from its start to its end. */
export async function measureSend(home: string): Promise<ClientFigures> {
  const start = performance.now();
  const preload = `data:text/javascript,${encodeURIComponent(reporter)}`;
  const child = spawn(process.execPath, ['--import', preload, main, 'send', room, 'The build has passed.'], {
    env: { CHAT_HOME: home, CHAT_USER: user, CHAT_PASSWORD: password },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const used = text(child.stdio[3] as Readable);
  const [code] = (await once(child, 'exit')) as [number | null];
  const ms = performance.now() - start;
  if (code !== 0) throw new Error(`chat send has ended with ${code}: is apps/cli built?`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(await used) as NodeJS.ResourceUsage;
  return { ms, cpuMs: (userCPUTime + systemCPUTime) / 1_000, residentMb: (maxRSS * 1_024) / 1e6, messages: 1 };
}
