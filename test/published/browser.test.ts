/** The packed libraries in a real browser, with their portable backend: the vectors, and an exchange with Node in both directions. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { onlyInFullRun } from '@chat/testkit';
import { beforeAll, expect, test } from 'vitest';
import { makeAll, type Report, readAll } from '../conformance/conformance.ts';
import { portableLibraries } from '../conformance/portable-libraries.ts';
import { password, signedText } from '../conformance/signatures.ts';
import { bundleForBrowser } from '../support/bundle.ts';
import { openChromium } from '../support/chromium.ts';
import { temporaryProject } from '../support/consumer.ts';
import { PageServer } from '../support/page-server.ts';

/** Returns a key file and signatures of Node's OpenSSL. */
function madeByNodeCrypto() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const encryption = { cipher: 'aes-256-cbc', passphrase: password };
  const signature = (dsaEncoding: 'der' | 'ieee-p1363') =>
    sign('sha256', Buffer.from(signedText), { key: privateKey, dsaEncoding }).toString('hex');
  return {
    privatePem: privateKey.export({ format: 'pem', type: 'pkcs8', ...encryption }),
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }),
    signature: signature('der'),
    p1363: signature('ieee-p1363'),
  };
}

onlyInFullRun('the libraries in a real browser, chromium')('in a browser', () => {
  let report: Report;
  beforeAll(async () => {
    await using folder = await temporaryProject();
    const project = folder.path;
    const entry = join(import.meta.dirname, '../conformance/main-browser.ts');
    const program = await bundleForBrowser({ entry, project, folder: project, name: 'program' });
    expect(program.inputs.filter((path) => path.endsWith('dist/backend/portable.js'))).toHaveLength(3);
    const given = { workspace: await makeAll(portableLibraries), 'node:crypto': { signatures: madeByNodeCrypto() } };
    await using server = await PageServer.serve(program.code, given);
    await using browser = openChromium(server.url);
    report = JSON.parse(await Promise.race([server.report, browser.failure]));
  });

  test('every check of every library passes', () => {
    expect(report).toMatchObject({ failed: [] });
    const vectors = report.passed.filter((name) => name.startsWith('fernet: vector: '));
    expect(vectors).toHaveLength(14);
    for (const library of Object.keys(portableLibraries)) {
      expect(report.passed).toContain(`${library}: reads what workspace made`);
    }
    expect(report.passed).toContain('signatures: reads what node:crypto made');
  });

  test('the workspace reads what the browser made', async () => {
    await readAll(portableLibraries, report.made);
  });

  test('node:crypto opens the key file and verifies the signature that the browser made', async () => {
    const { privatePem, publicPem, signature } = report.made['signatures'] as ReturnType<typeof madeByNodeCrypto>;
    const key = createPrivateKey({ key: privatePem, passphrase: password });
    expect(createPublicKey(key).export({ format: 'pem', type: 'spki' })).toBe(publicPem);
    expect(verify('sha256', Buffer.from(signedText), publicPem, Buffer.from(signature, 'hex'))).toBe(true);
  });
});
