/** The HTTP endpoint: paths, methods, names, and errors. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { Endpoint, type EndpointTimes } from '../../src/observability/endpoint.ts';
import { ask } from '../support/scrape.ts';

let endpoint: Endpoint | null = null;
afterEach(() => endpoint?.close());

async function listen(times?: EndpointTimes): Promise<{ port: number; logged: unknown[] }> {
  const logged: unknown[] = [];
  const log = { ...silentLog, error: (...line: unknown[]) => void logged.push(line) };
  const routes = {
    '/fine': async () => ({ status: 200, type: 'text/plain', body: 'fine' }),
    '/broken': async () => {
      throw new Error('a path or another secret');
    },
    '/stuck': () => new Promise<never>(() => {}),
  };
  endpoint = await Endpoint.listen({ host: '127.0.0.1', port: 0 }, routes, log, times);
  return { port: endpoint.address.port, logged };
}

describe('the endpoint', () => {
  test('answers GET and HEAD at its paths, and nothing else', async () => {
    const { port } = await listen();
    expect(await ask(port, '/fine')).toMatchObject({ status: 200, body: 'fine' });
    expect(await ask(port, '/fine?x=1')).toMatchObject({ status: 200, body: 'fine' });
    expect(await ask(port, '/fine', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect((await ask(port, '/fine', { method: 'POST' })).status).toBe(405);
    expect((await ask(port, '/other')).status).toBe(404);
    expect((await ask(port, '/toString')).status).toBe(404);
  });

  test.each([
    ['127.0.0.1:1', 200],
    ['localhost', 200],
    ['[::1]:9', 200],
    ['chat.example', 421],
    ['127.0.0.1.chat.example:80', 421],
  ])('that is called by the name %s answers with %i', async (host, status) => {
    const { port } = await listen();
    expect((await ask(port, '/fine', { host })).status).toBe(status);
  });

  const never = 86_400_000;
  test.each([
    ['says nothing', '', { requestMs: 50, stillMs: never, keepAliveMs: never }],
    [
      'does not end its request',
      'GET /fine HTTP/1.1\r\nHost: localhost\r\n',
      { requestMs: 50, stillMs: never, keepAliveMs: never },
    ],
    [
      'waits for what is never ready',
      'GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n',
      { requestMs: never, stillMs: 50, keepAliveMs: never },
    ],
    [
      'asks for nothing more',
      'GET /fine HTTP/1.1\r\nHost: localhost\r\n\r\n',
      { requestMs: never, stillMs: never, keepAliveMs: 50 },
    ],
  ])('ends a connection whose client %s', async (_what, sent, times) => {
    const { port } = await listen(times);
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(sent);
    socket.resume();
    await once(socket, 'close');
  });

  test('logs an error and does not show it', async () => {
    const { port, logged } = await listen();
    const { status, body } = await ask(port, '/broken');
    expect(status).toBe(500);
    expect(body).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });
});
