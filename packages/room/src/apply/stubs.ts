/** Stubs: entry hashes in place of messages that the local user may not read. */
import { countOfStubs, type LoggedStubs } from '@chat/protocol';
import { withStubs } from '../author-view.ts';
import { violation } from '../event.ts';
import { mayRead } from '../people.ts';
import type { RoomState } from '../state.ts';
import type { Applied } from './step.ts';

/** Applies stubs: they advance the log hash. Each one in place of a message that the local user may read is a violation. */
export function applyStubs(state: RoomState, stubs: LoggedStubs): Applied {
  const moved = withStubs(state, stubs);
  if (!mayRead(moved)) return { state: moved, events: [] };
  const events = Array.from({ length: countOfStubs(stubs) }, (_, index) => violation('withheld', stubs.seq + index));
  return { state: moved, events };
}
