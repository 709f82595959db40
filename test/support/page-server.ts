/** Serves one page with one program and its JSON input on loopback, and receives the report that the program posts. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The page reports an error that the program does not catch. */
const page = `<!doctype html>
<meta charset="utf-8">
<title>conformance</title>
<link rel="icon" href="data:,">
<script>
  const failed = (error) => fetch('report', { method: 'POST', body: JSON.stringify({ error: String(error) }) });
  addEventListener('error', ({ message }) => failed(message ?? 'the program could not be loaded'), true);
  addEventListener('unhandledrejection', ({ reason }) => failed(reason));
</script>
<script type="module" src="program.js"></script>
`;

export class PageServer implements AsyncDisposable {
  readonly #server: Server;
  readonly report: Promise<string>;

  private constructor(program: string, given: unknown) {
    const contents = new Map([
      ['/', { type: 'text/html', body: page }],
      ['/program.js', { type: 'text/javascript', body: program }],
      ['/given', { type: 'application/json', body: JSON.stringify(given) }],
      ['/report', { type: 'text/plain', body: '' }],
    ]);
    this.#server = createServer((request, response) => {
      const { type, body } = contents.get(request.url ?? '') ?? {};
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': type ?? 'text/plain' }).end(body);
    });
    this.report = new Promise((resolve, reject) => {
      this.#server.on('request', (request) => {
        if (request.method === 'POST') text(request).then(resolve, reject);
      });
    });
  }

  static async serve(program: string, given: unknown): Promise<PageServer> {
    const pages = new PageServer(program, given);
    pages.#server.listen(0, '127.0.0.1');
    await once(pages.#server, 'listening');
    return pages;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
