/** The HTTP endpoint: paths, methods, names, and errors. */
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { Endpoint } from '../../src/observability/endpoint.ts';
import { ask } from '../support/scrape.ts';

let endpoint: Endpoint | null = null;
afterEach(() => endpoint?.close());

async function listen(): Promise<{ port: number; logged: unknown[] }> {
  const logged: unknown[] = [];
  const log = { ...silentLog, error: (...line: unknown[]) => void logged.push(line) };
  const routes = {
    '/fine': async () => ({ status: 200, type: 'text/plain', body: 'fine' }),
    '/broken': async () => {
      throw new Error('a path or another secret');
    },
  };
  endpoint = await Endpoint.listen({ host: '127.0.0.1', port: 0 }, routes, log);
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

  test('logs an error and does not show it', async () => {
    const { port, logged } = await listen();
    const { status, body } = await ask(port, '/broken');
    expect(status).toBe(500);
    expect(body).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });
});
