/** The server's CA. */
import { writeFileSync } from 'node:fs';
import { createCA, privateKeyToPem } from '@chat/mini-ca';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/data/authority.ts';
import { dataDirectory } from '../../src/data/data-directory.ts';
import { temporaryDirectory } from '../support/server-process.ts';

describe('the CA', () => {
  test('is refused before it is valid and after it has expired', async () => {
    const directory = dataDirectory(temporaryDirectory(), {});
    const now = new Date('2030-01-01');
    const { fingerprint } = await openAuthority(directory, undefined, now);
    expect(await openAuthority(directory, undefined, new Date('2039-01-01'))).toMatchObject({ fingerprint });
    for (const wrong of ['2029-12-31', '2041-01-01']) {
      const opened = openAuthority(directory, undefined, new Date(wrong));
      await expect(opened).rejects.toThrow(/set the clock/);
      expect(await rejectedCode(opened)).toBe('ca-not-valid');
    }
  });

  test('is refused with another kind of key than clients require', async () => {
    const directory = dataDirectory(temporaryDirectory(), {});
    const { certificate, privateKey } = createCA({ size: 'P-256' });
    writeFileSync(directory.authorityCertificate, certificate);
    writeFileSync(directory.authorityKey, privateKeyToPem(privateKey));
    const opened = openAuthority(directory, undefined);
    await expect(opened).rejects.toThrow(/P-384/);
    expect(await rejectedCode(opened)).toBe('damaged-data');
  });
});
