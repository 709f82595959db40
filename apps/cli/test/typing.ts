/** A conversation at which lines are typed. */
import { Conversation } from '../src/conversation/conversation.ts';
import { enterLine } from '../src/conversation/entered.ts';
import { noColours } from '../src/screen/palette.ts';
import type { FakeClient } from './fake-client.ts';
import { FakeClock } from './fakes.ts';

/** @param answers what is answered to questions, in order */
export function setUp(client: FakeClient, ...answers: string[]) {
  const clock = new FakeClock();
  const shown: string[] = [];
  let moves = 0;
  const moved = () => {
    moves += 1;
  };
  const print = (text: string) => shown.push(text);
  const conversation = new Conversation({ client, clock, palette: noColours, print, moved });
  const type = (line: string) => enterLine(conversation, line, async () => answers.shift() ?? '');
  const count = (part: string) => shown.filter((text) => text.includes(part)).length;
  return { clock, shown, conversation, type, count, moves: () => moves };
}
