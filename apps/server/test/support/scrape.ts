/** Reads what a server shows to programs that watch it. */
import { request } from 'node:http';

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Asks on 127.0.0.1, with `host` as the name of the server if it is given. */
export function ask(port: number, path: string, options: { method?: string; host?: string } = {}): Promise<HttpAnswer> {
  const { method = 'GET', host = `127.0.0.1:${port}` } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** The series of a scrape: each by its name and labels, with its value. */
export function seriesOf(scrape: string): ReadonlyMap<string, number> {
  const lines = scrape.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** The names in a scrape, without labels. */
export const namesOf = (scrape: string): ReadonlySet<string> =>
  new Set([...seriesOf(scrape).keys()].map((series) => series.replace(/\{.*/, '')));
