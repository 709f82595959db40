/**
 * Ports for a server that starts again on the same ones. The system gives port 0 a number that it also gives to outgoing
 * connections, so while the server is down another program may take it. The ports here are below those.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** From the lowest port to the one after the highest. Linux takes 32768 and more for outgoing connections. */
const range = [20_000, 30_000] as const;

const worked = (event: Promise<unknown>): Promise<boolean> =>
  event.then(
    () => true,
    () => false,
  );

/**
 * Reserves a port until this process ends: another test, which runs at the same time, must not take it before the server listens or
 * while it is down. The UDP port of the same number is the mark, because the server does not use it and the system holds it.
 */
async function reserve(port: number): Promise<boolean> {
  const mark = createSocket('udp4').unref();
  const isBound = worked(once(mark, 'listening'));
  mark.bind({ port, address: '127.0.0.1', exclusive: true });
  if (await isBound) return true;
  mark.close();
  return false;
}

/** Resolves with a port that this process has reserved and on which no program listens. */
async function freePort(draw: () => number): Promise<number> {
  for (;;) {
    const port = draw();
    if (!(await reserve(port))) continue;
    const server = createServer();
    const isFree = worked(once(server, 'listening'));
    server.listen(port, '127.0.0.1');
    if (!(await isFree)) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/**
 * Resolves with two free ports, which no other call gets.
 *
 * @param draw returns a port to try. Default: a random one
 */
export async function freePorts(
  draw: () => number = () => randomInt(...range),
): Promise<{ readonly enrolment: number; readonly chat: number }> {
  return { enrolment: await freePort(draw), chat: await freePort(draw) };
}
