/** The lines of a message. */
import type { MessageView } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageText } from '../../src/screen/message-text.ts';
import { continuationMark } from '../../src/text/layout.ts';
import { fingerprint, scene } from '../support/samples.ts';

const message = (more: Partial<MessageView> = {}): MessageView => ({
  ...{ seq: 12, user: 'bob', fingerprint, text: 'hello', at: 0 },
  ...more,
});
const quoted = { seq: 9, user: 'carol', fingerprint, text: 'lunch?\nat noon' };

describe('a message', () => {
  test.each([
    [message(), '#12 14:03 bob: hello'],
    [message({ editedAt: 1 }), '#12 14:03 bob (edited): hello'],
    [{ ...message(), late: true as const }, '#12 14:03 bob (late): hello'],
    [message({ action: true, text: 'waves' }), '#12 14:03 ~ bob waves'],
    [message({ text: '', deletedBy: 'bob', replyTo: quoted }), '#12 14:03 bob (deleted)'],
    [message({ text: '', deletedBy: 'carol' }), '#12 14:03 bob (hidden by carol)'],
    [
      message({ text: '', file: { name: 'report.pdf', size: 1_234_567, type: 'application/pdf' } }),
      '#12 14:03 bob sent report.pdf (1.2 MB): /save 12',
    ],
    [
      message({ text: 'one\ntwo', file: { name: 'in\u202Evoice\n.exe', size: 999, type: 'a/b' } }),
      `#12 14:03 bob sent in\u202Evoice\n.exe (999 bytes): /save 12\n${continuationMark}one\n${continuationMark}two`.replace(
        'in\u202Evoice\n.exe',
        sanitiseLine('in\u202Evoice\n.exe', 80),
      ),
    ],
    [
      message({ replyTo: { ...quoted, text: 'see', fileName: 'a.txt' } }),
      '        > #9 carol: a.txt: see\n#12 14:03 bob: hello',
    ],
    [message({ text: '', newer: 9 }), '#12 14:03 a newer client is needed to read a message of bob'],
    [message({ replyTo: quoted }), '        > #9 carol: lunch? at noon\n#12 14:03 bob: hello'],
    [
      message({ replyTo: { ...quoted, text: '', deleted: true } }),
      '        > #9 carol: (deleted)\n#12 14:03 bob: hello',
    ],
  ])('is printed as what it is: %o', (given, text) => {
    expect(messageText(scene, given)).toBe(text);
  });

  test('has its reactions below, alike ones together, and not more than fit', () => {
    const reactions = [
      { user: 'carol', text: 'ok' },
      { user: 'dave', text: '\u{1f44d}' },
      { user: 'erin', text: 'ok' },
    ];
    expect(messageText(scene, message({ reactions }))).toBe(
      '#12 14:03 bob: hello\n        [ok carol erin] [\u{1f44d} dave]',
    );
    const many = Array.from({ length: 100 }, (_, n) => ({ user: `u${n}`, text: n < 80 ? 'ok' : `r${n}` }));
    expect(messageText(scene, message({ reactions: many })).split('\n')[1]).toMatch(
      /^ +\[ok u0 u1 u2 u3 \+76\] .* \+13$/,
    );
  });

  test('makes a mention of the local user strong, and no other word', () => {
    const strong = { ...scene, palette: { ...scene.palette, strong: (text: string) => `<${text}>` } };
    const text = 'hi @alice, not x@alice nor @alice2\n@alice!';
    expect(messageText(strong, message({ text }))).toBe(
      `#12 14:03 bob: hi <@alice>, not x@alice nor @alice2\n${continuationMark}<@alice>!`,
    );
  });

  test('has nothing in it that a terminal obeys, nor a line of its own, in any field', () => {
    const hostile = fc.constantFrom(
      '\u001b[2J',
      '\u202e',
      '\n14:03 alice: forged',
      '\r',
      '] [ok alice',
      '\u0007',
      '\u009b1m',
      'x'.repeat(200),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (text, name, reaction, quote) => {
        const given = message({
          ...{ text, user: name, reactions: [{ user: name, text: reaction }] },
          replyTo: { ...quoted, user: name, text: quote },
        });
        for (const each of [
          given,
          message({ user: name, text: '', deletedBy: quote }),
          message({ user: name, newer: 9 }),
        ]) {
          const shown = messageText(scene, each);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
          expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
          const starts = shown.split('\n').filter((line) => !line.startsWith(' '));
          expect(starts).toHaveLength(1);
          expect(starts[0]).toMatch(/^#12 14:03 /);
        }
        const line = messageText(scene, message({ reactions: [{ user: 'bob', text: reaction }] })).split('\n')[1];
        expect(line).toMatch(/^ {8}\[[^[\] ]+ bob\]$/);
      }),
    );
  });
});
