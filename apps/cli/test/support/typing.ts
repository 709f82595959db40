/** A conversation into which a test enters lines. */
import { Conversation } from '../../src/conversation/conversation.ts';
import { enterLine } from '../../src/conversation/enter-line.ts';
import { LineDisplay } from '../../src/screen/display.ts';
import { noColours } from '../../src/screen/palette.ts';
import type { FakeClient } from './fake-client.ts';
import { FakeClock } from './fakes.ts';

/** Resolves when all that is due now has run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @param answers the answers to questions, in order */
export function setUp(client: FakeClient, ...answers: string[]) {
  const clock = new FakeClock();
  const shown: string[] = [];
  let moves = 0;
  const moved = () => {
    moves += 1;
  };
  const print = (text: string) => shown.push(text);
  const display = new LineDisplay({ print, moved, palette: noColours, columns: () => 80 });
  const conversation = new Conversation({ client, clock, palette: noColours, display });
  const type = (line: string) => enterLine(conversation, line, async () => answers.shift() ?? '');
  const count = (part: string) => shown.filter((text) => text.includes(part)).length;
  return { clock, shown, conversation, type, count, moves: () => moves };
}
