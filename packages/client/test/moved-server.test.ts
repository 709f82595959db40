/** A profile whose server has moved to another address. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCA } from '@chat/mini-ca';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { listProfiles, moveProfile, openProfile } from '../src/node/index.ts';
import { password, TestNetwork } from './support/test-network.ts';

async function onlyProfile({ home }: TestNetwork) {
  const [profile] = await listProfiles(home);
  if (profile === undefined) throw new Error('no profile');
  return profile;
}

test('connects to the new address after the move, and keeps it', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  await network.moveToOtherPorts();
  const stranded = await openProfile(await onlyProfile(network), password);
  expect(await rejectedCode(stranded.connect())).toBe('unreachable');
  await stranded.close();
  const moved = await moveProfile(await onlyProfile(network), network.address);
  expect(moved).toMatchObject(network.address);
  expect(await onlyProfile(network)).toEqual(moved);
  expect((await network.open('alice')).client.online).toBe(true);
});

test('stays as it is when nothing answers there, or a server of another authority', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const profile = await onlyProfile(network);
  await using other = await TestNetwork.start();
  expect(await rejectedCode(moveProfile(profile, other.address))).toBe('wrong-authority');
  expect(await rejectedCode(moveProfile(profile, { host: '127.0.0.1', port: 1 }))).toBe('unreachable');
  expect(await onlyProfile(network)).toEqual(profile);
  expect((await network.open('alice')).client.online).toBe(true);
});

test('is reported as damaged, and not listed, when the file of the authorities that followed is damaged', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const profile = await onlyProfile(network);
  const file = { v: 1, pinned: 'f'.repeat(64), successions: [], withdrawals: [], disputed: false, asked: null };
  for (const text of ['', '{}', JSON.stringify(file)]) {
    await writeFile(join(profile.directory, 'authority.json'), text);
    expect(await rejectedCode(openProfile(profile, password))).toBe('profile-damaged');
  }
  await writeFile(join(profile.directory, 'authority.json'), '{}');
  const damaged: string[] = [];
  expect(await listProfiles(network.home, ({ code }) => damaged.push(code))).toEqual([]);
  expect(damaged).toEqual(['profile-damaged']);
});

test('is reported as damaged when the pinned authority is missing or another one', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const profile = await onlyProfile(network);
  for (const text of ['', 'no certificate', createCA().certificate]) {
    await writeFile(join(profile.directory, 'ca.pem'), text);
    expect(await rejectedCode(openProfile(profile, password))).toBe('profile-damaged');
  }
});
