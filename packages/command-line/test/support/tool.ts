/** A program with each kind of command, operand and option. */
import { completionCommand, type Program } from '@chat/command-line';
import { z } from 'zod';

const text = z.string();
const policy = z.enum(['open', 'closed']);

export const tool = {
  name: 'my-tool',
  summary: 'a program.',
  defaultCommand: 'open',
  defaultIsNameless: true,
  commands: {
    open: {
      summary: 'Open it. There is more to say.',
      operands: { line: { value: 'LINE', takes: 'a line', schema: text, optional: true } },
      options: { wide: { value: null, help: "Wide, if it's [possible]: or not." } },
    },
    set: {
      summary: 'Set what C:\\it allows.',
      operands: {
        room: { value: 'ROOM', takes: 'a room', schema: text },
        policy: { value: 'POLICY', takes: 'open or closed', schema: policy },
        again: { value: 'POLICY', takes: 'open or closed', schema: policy, optional: true },
      },
      options: {
        level: { value: 'LEVEL', takes: 'low or high', schema: z.enum(['low', 'high']), help: 'The level.' },
        count: { value: 'N', takes: 'a number', schema: text, fallback: '20', environment: 'COUNT', help: 'How many.' },
        'colour-all': { value: null, fallback: true, help: 'Do not colour.' },
      },
    },
    load: {
      summary: 'Load a file.',
      operands: { file: { value: 'FILE', takes: 'a file', schema: text } },
      options: { level: { value: 'LEVEL', takes: 'one or two', schema: z.enum(['one', 'two']), help: 'The level.' } },
    },
    completion: completionCommand,
  },
  options: {
    home: { value: 'DIRECTORY', takes: 'a directory', schema: text, environment: 'TOOL_HOME', help: 'Home.' },
    key: { value: 'FILE', takes: 'a file', schema: text, help: 'The key.' },
  },
  notes: ['.A note with \\ and - in it.', 'Another one.'],
} as const satisfies Program;
