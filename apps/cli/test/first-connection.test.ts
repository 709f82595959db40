/** The first connection of a conversation, and what the user can do when it fails. */
import { ClientError } from '@chat/client';
import { ProtocolError } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { connectFirst } from '../src/first-connection.ts';
import { Prompt } from '../src/terminal/prompt.ts';
import { FakeClient } from './support/fake-client.ts';
import { ScriptedConsole } from './support/fakes.ts';
import { view } from './support/samples.ts';

const unreachable = () => new ClientError('unreachable', 'Nothing answers at host:9998.');
const elsewhere = () =>
  new ProtocolError('used-elsewhere', 'This identity has been in use elsewhere since 14:03 UTC: ask.');

function setUp(client: FakeClient, ...answers: string[]) {
  const console = new ScriptedConsole(answers);
  const alarms: string[] = [];
  const outages: string[] = [];
  const first = () =>
    connectFirst({
      client,
      prompt: new Prompt(() => console),
      signal: new AbortController().signal,
      alarm: (text) => alarms.push(text),
      outage: (reason) => outages.push(reason),
    });
  return { console, alarms, outages, first };
}

describe('a server that does not answer', () => {
  test('leaves what is stored readable, and the client goes on trying', async () => {
    const client = new FakeClient(view('lobby'));
    client.failures.push(unreachable());
    const { console, alarms, outages, first } = setUp(client);
    await first();
    expect(alarms).toEqual(['Nothing answers at host:9998.']);
    expect(outages).toEqual(['Nothing answers at host:9998.']);
    expect(console.shown.join()).toMatch(/You can read .* is sent when there is a connection/);
    expect(client.connects).toEqual(['connect', 'keep']);
  });

  test('is an error for a user who has nothing to read', async () => {
    const client = new FakeClient();
    client.failures.push(unreachable());
    expect(await rejectedCode(setUp(client).first())).toBe('unreachable');
  });
});

test('a revoked user can read, learns that nothing can be sent, and the client does not try again', async () => {
  const client = new FakeClient(view('lobby'));
  client.failures.push(new ProtocolError('access-revoked', 'revoked'));
  const { console, alarms, first } = setUp(client);
  await first();
  expect(alarms.join()).toMatch(/revoked your access/);
  expect(console.shown.join()).toMatch(/Nothing can be sent/);
  expect(client.connects).toEqual(['connect']);
});

describe('a profile that is in use elsewhere', () => {
  test('goes on here when the user says so', async () => {
    const client = new FakeClient(view('lobby'));
    client.failures.push(elsewhere());
    const { alarms, first } = setUp(client, 'what', 'yes');
    await first();
    expect(alarms.join()).toMatch(/since 14:03 UTC\. Either a copy of this profile runs on another machine/);
    expect(client.connects).toEqual(['connect', 'replace']);
  });

  test('goes on elsewhere when the user says no', async () => {
    const client = new FakeClient(view('lobby'));
    client.failures.push(elsewhere());
    expect(await rejectedCode(setUp(client, 'no').first())).toBe('used-elsewhere');
    expect(client.connects).toEqual(['connect']);
  });
});
