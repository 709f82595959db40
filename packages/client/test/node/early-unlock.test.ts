/** The identity key that is opened while a program loads: it is used for its own file and password only. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSerializedKeys, unlockKeyFile } from '@chat/signatures';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { beginUnlock, unlockWith } from '../../src/node/early-unlock.ts';
import { listProfiles, openProfile } from '../../src/node/index.ts';
import { password as networkPassword, TestNetwork } from '../support/test-network.ts';

const password = 'correct horse battery';
let pem: string;
let home: string;

/** Writes the key file of a profile. */
function addProfile(name: string): void {
  mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, name, 'identity.pem'), pem);
}

beforeAll(() => {
  pem = createSerializedKeys(password).privatePem;
});

beforeEach(() => {
  home = join(temporaryFolder().path, 'home');
});

test('begins with the only profile of the user, and not if that is unclear', async () => {
  expect(beginUnlock({ home, user: null, password })).toBeNull();
  addProfile('alice@1111');
  const early = beginUnlock({ home, user: null, password });
  expect(early?.pem).toBe(pem);
  await early?.unlocked;
  addProfile('bob@1111');
  expect(beginUnlock({ home, user: null, password })).toBeNull();
  expect(beginUnlock({ home, user: 'bo', password })).toBeNull();
  await beginUnlock({ home, user: 'bob', password })?.unlocked;
  addProfile('bob@2222');
  expect(beginUnlock({ home, user: 'bob', password })).toBeNull();
  mkdirSync(join(home, 'carol@1111'));
  expect(beginUnlock({ home, user: 'carol', password })).toBeNull();
});

test('serves its own file and password, without another derivation', () => {
  addProfile('alice@1111');
  const early = beginUnlock({ home, user: 'alice', password });
  expect(early).not.toBeNull();
  expect(unlockWith(early, pem, password)).toBe(early?.unlocked);
});

test('never answers for another file or another password', async () => {
  addProfile('alice@1111');
  const early = beginUnlock({ home, user: 'alice', password });
  await early?.unlocked;
  expect(await rejectedCode(unlockWith(early, pem, `${password}!`))).toBe('wrong-password');
  const other = createSerializedKeys(password).privatePem;
  const [own, opened] = [await unlockKeyFile(other, password), await unlockWith(early, other, password)];
  expect(opened.signer.fingerprint).toBe(own.signer.fingerprint);
});

test('a profile opens with it, and a wrong password gives the same error and leaves the profile free', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const [profile] = await listProfiles(network.home);
  if (profile === undefined) throw new Error('no profile');
  const begin = (given: string) => beginUnlock({ home: network.home, user: 'alice', password: given });
  expect(await rejectedCode(openProfile(profile, 'not it', { early: begin('not it') }))).toBe('wrong-password');
  expect(await rejectedCode(openProfile(profile, 'not it', { early: begin(networkPassword) }))).toBe('wrong-password');
  await (await openProfile(profile, networkPassword, { early: begin('not it') })).close();
  await (await openProfile(profile, networkPassword, { early: begin(networkPassword) })).close();
});

test('a profile that is open waits for no more than the key that was begun', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const [profile] = await listProfiles(network.home);
  if (profile === undefined) throw new Error('no profile');
  const begun = beginUnlock({ home: network.home, user: 'alice', password: networkPassword });
  if (begun === null) throw new Error('not begun');
  const { signer, secret } = await begun.unlocked;
  const marked = {
    ...begun,
    unlocked: Promise.resolve({ signer: { ...signer, fingerprint: 'ab'.repeat(32) }, secret }),
  };
  const client = await openProfile(profile, networkPassword, { early: marked });
  expect(client.fingerprint).toBe('ab'.repeat(32));
  await client.close();
});
