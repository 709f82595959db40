/**
 * Ports for a server that starts again on the same ones. The system gives port 0 a number that it also gives to outgoing
 * connections, so while the server is down another program may take it. The ports here are below those.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** From the lowest port to the one after the highest. Linux takes 32768 and more for outgoing connections. */
const range = [20_000, 30_000] as const;

/** Resolves with a port on which no program listens. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...range);
    const server = createServer();
    const outcome = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await outcome)) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Resolves with two different free ports. */
export async function freePorts(): Promise<{ readonly enrolment: number; readonly chat: number }> {
  const enrolment = await freePort();
  let chat = await freePort();
  while (chat === enrolment) chat = await freePort();
  return { enrolment, chat };
}
