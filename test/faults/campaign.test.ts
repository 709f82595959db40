/**
 * A server and writers that are killed again and again under load, and a disk that fails in between. `CHAT_SERVER_KILLS`,
 * `CHAT_CLIENT_KILLS` and `CHAT_DISK_FAILURES` set the numbers, `CHAT_SEED` their order.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onlyInFullRun, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { SeededRandom } from '../simulation/simulated/seeded-random.ts';
import { failingDisk } from '../support/failing-disk.ts';
import { User } from '../support/people.ts';
import { ServerProcess } from '../support/server-process.ts';
import { faultsIn } from './delivery.ts';
import { WriterProcess } from './writer-process.ts';

const number = (name: string, fallback: number): number => Number(process.env[name] ?? fallback);
const counts = {
  server: number('CHAT_SERVER_KILLS', 6),
  client: number('CHAT_CLIENT_KILLS', 4),
  disk: number('CHAT_DISK_FAILURES', 3),
} as const;
const seed = number('CHAT_SEED', 1);
const writerNames = ['bob', 'carol', 'dave'] as const;
/** Texts that each writer delivers between two faults. */
const progress = 5;

type Fault = keyof typeof counts;

function shuffledFaults(random: SeededRandom): Fault[] {
  const faults = (Object.keys(counts) as Fault[]).flatMap((fault) => Array<Fault>(counts[fault]).fill(fault));
  for (let at = faults.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [faults[at], faults[other]] = [faults[other] as Fault, faults[at] as Fault];
  }
  return faults;
}

onlyInFullRun('servers and clients that are killed under load')('under load', () => {
  test('kills and failures of the disk lose, double and reorder nothing that was acknowledged', async () => {
    const folder = temporaryFolder().path;
    const data = join(folder, 'server');
    const { failing, environment } = await failingDisk(folder);
    const random = new SeededRandom(seed);

    let server = await ServerProcess.start(data, undefined, environment);
    const { ports, line } = server;
    await using reader = await User.enrol(join(folder, 'alice'), line, 'alice');
    await reader.client.createRoom('lobby');
    const writers: WriterProcess[] = [];
    for (const name of writerNames) writers.push(await WriterProcess.enrol(folder, line, name));

    const faults: Record<Fault, () => Promise<void>> = {
      async server() {
        await server.kill('SIGKILL');
        server = await ServerProcess.start(data, ports, environment);
      },
      async client() {
        const writer = random.pick(writers);
        await writer?.kill();
        writer?.start();
      },
      async disk() {
        const { length } = server.log;
        await writeFile(failing, '');
        await expect.poll(() => server.log.length, { interval: 20 }).toBeGreaterThan(length);
        await rm(failing);
      },
    };
    for (const fault of shuffledFaults(random)) {
      await faults[fault]();
      await Promise.all(writers.map((writer) => writer.delivers(progress)));
    }

    await Promise.all(writers.map((writer) => writer.kill()));
    // Everything that was acknowledged is on the log before this text.
    await reader.client.send('lobby', 'end');
    const read = reader.texts('lobby').slice(0, -1);
    const sent = writers.flatMap((writer) => writer.printed('sent'));
    const acknowledged = writers.flatMap((writer) => writer.printed('acknowledged'));
    console.info(
      `${JSON.stringify(counts)}: ${sent.length} texts sent, ${acknowledged.length} acknowledged, ${read.length} read`,
    );
    expect(faultsIn({ sent, acknowledged }, read)).toEqual([]);
    expect([...reader.violations, ...writers.flatMap((writer) => writer.printed('violation'))]).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(progress * writers.length);

    // The comparison would have noticed the loss of any text.
    const [planted = ''] = acknowledged;
    const without = read.filter((text) => text !== planted);
    expect(faultsIn({ sent, acknowledged }, without)).toEqual([{ kind: 'lost', text: planted }]);
    await server[Symbol.asyncDispose]();
  });
});
