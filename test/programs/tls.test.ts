/** The server's TLS, with openssl as the client: which clients are refused, and the answers to other protocols. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import {
  createCA,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  privateKeyFromPem,
  privateKeyToPem,
} from '@chat/mini-ca';
import { limits, serverName } from '@chat/protocol';
import { defaultLimits } from '@chat/server-core';
import { type Folder, optional, startChild, temporaryFolder } from '@chat/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from '../support/server-process.ts';

const minute = 60 * 1000;

let folder: Folder;
let server: ServerProcess;
let authority: { certificate: string; privateKey: ReturnType<typeof privateKeyFromPem> };

beforeAll(async () => {
  folder = temporaryFolder();
  const data = join(folder.path, 'server');
  server = await ServerProcess.start(data);
  authority = {
    certificate: await readFile(join(data, 'ca.pem'), 'utf8'),
    privateKey: privateKeyFromPem(await readFile(join(data, 'ca-key.pem'), 'utf8')),
  };
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** A client certificate and its key as openssl's options. */
async function clientFiles(
  name: string,
  ca: typeof authority,
  { now = new Date(), lifetimeMs = 60 * minute } = {},
): Promise<string[]> {
  const keys = createKeyPair('ec', 'P-256');
  const request = createCertRequest(keys, { commonName: 'alice' });
  const names = { commonName: 'alice', uri: ['urn:chat:user:alice', `urn:chat:identity:${'ab'.repeat(32)}`] };
  const certificate = issueCertificate({ request, ca, profile: 'client', names, lifetimeMs, now });
  const [certificateFile, keyFile] = [join(folder.path, `${name}.pem`), join(folder.path, `${name}-key.pem`)];
  await writeFile(certificateFile, certificate);
  await writeFile(keyFile, privateKeyToPem(keys.privateKey));
  return ['-cert', certificateFile, '-key', keyFile];
}

/** Returns what `openssl s_client` printed after it had sent `input` and the server had ended the connection. */
async function speak(port: number, options: readonly string[], input = ''): Promise<string> {
  const place = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', serverName, '-quiet'];
  // It ends the connection itself when its standard input is closed.
  const client = startChild('openssl', [...place, ...options], { input: 'open' });
  client.stdin.write(input);
  const { out, err } = await client.ended;
  return `${out}${err}`;
}

optional('openssl', ['openssl', 'version'])('openssl', () => {
  test('a client without a certificate is refused on the chat port', async () => {
    const output = await speak(server.ports.chat, []);
    expect(output).toContain('certificate-refused');
    expect(output).not.toContain('hello');
  });

  test('a client with a certificate of another CA is refused', async () => {
    const output = await speak(server.ports.chat, await clientFiles('foreign', createCA()));
    expect(output).toContain('certificate-refused');
    expect(output).not.toContain('hello');
  });

  test('a client with an expired certificate is refused', async () => {
    // The CA issues no certificate for a time before its own.
    const options = await clientFiles('expired', authority, {
      now: new Date(Date.now() - 4 * minute),
      lifetimeMs: minute,
    });
    const output = await speak(server.ports.chat, options);
    expect(output).toContain('certificate-refused');
    expect(output).not.toContain('hello');
  });

  test.each(['-tls1_2', '-tls1_1'])('a client with %s is refused on both ports', async (version) => {
    for (const port of [server.ports.chat, server.ports.enrolment]) {
      expect(await speak(port, [version])).toMatch(/alert protocol version|no protocols available|unknown option/i);
    }
  });

  test('a client with a good certificate is greeted, and refused because its user is not enrolled', async () => {
    const output = await speak(server.ports.chat, await clientFiles('good', authority));
    expect(output).toMatch(/push.hello/u);
    expect(output).toContain('login-refused');
  });

  test('bytes that are no frame are answered with what a frame is', async () => {
    const output = await speak(server.ports.enrolment, [], '\0\0\0\u{4}\u{1}bye');
    expect(output).toMatch(/push.bye.*malformed-frame.*one object in deterministic CBOR/su);
  });

  test.each(['x'.repeat(limits.frameBytes + 1), 'GET / HTTP/1.1\r\n\r\n'])(
    'the announcement of a frame that is too long is answered with how long it may be: %.8s',
    async (input) => {
      const output = await speak(server.ports.enrolment, [], input);
      expect(output).toMatch(new RegExp(`push.bye.*frame-too-long.*${defaultLimits.unprovenFrameBytes}`, 'su'));
    },
  );
});

describe('the agreed group', () => {
  test('is the post-quantum hybrid, when the client does not choose otherwise', async () => {
    const { enrolment } = server.ports;
    const groupWith = (options: { ecdhCurve?: string }) =>
      new Promise((resolve, reject) => {
        const socket = connect({
          host: '127.0.0.1',
          port: enrolment,
          servername: serverName,
          ca: authority.certificate,
          ...options,
        });
        socket.on('error', reject);
        socket.on('secureConnect', () => {
          resolve(socket.getEphemeralKeyInfo());
          socket.destroy();
        });
      });
    expect(await groupWith({})).toMatchObject({ name: 'X25519MLKEM768' });
    expect(await groupWith({ ecdhCurve: 'X25519' })).toMatchObject({ name: 'X25519' });
  });
});
