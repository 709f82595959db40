/**
 * A program that goes on with the messages in a folder as a client does, to be killed at any moment: it adds an eighth segment, merges all of
 * them, and erases a room. `node store-program.ts FOLDER`
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '@chat/durable-files';
import { openSegmentFolder } from '@chat/message-store/node';
import { messages, storeWith } from './store.ts';

const folder = process.argv[2] ?? '';
const path = join(folder, 'state.json');
const before = JSON.parse(await readFile(path, 'utf8'));
const store = storeWith({ files: openSegmentFolder(join(folder, 'messages')), stored: before.messages });

async function save(red: number, blue: number): Promise<void> {
  const { changes } = store;
  await writeAtomically(path, JSON.stringify({ messages: store.stored, red, blue }));
  await store.wasStored(changes);
}

store.add('red', messages(421, 480));
store.add('blue', messages(71, 80));
await store.flush();
await save(480, 80);
await store.tend();
await save(480, 80);
store.forget('blue');
await store.tend();
await save(480, 0);
