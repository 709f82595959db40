/** Manual pages that are made from the table of a program. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPageOf } from '@chat/command-line';
import { optional, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { tool } from './support/tool.ts';

test('a manual page has each command, operand, option, variable and note', () => {
  const page = manPageOf(tool, '1.2.3');
  expect(page).toMatch(/^\.TH MY-TOOL 1 "" "my-tool 1\.2\.3"\n/);
  for (const part of [
    'my\\-tool \\- a program\n',
    'my\\-tool [LINE] [options]',
    'my\\-tool set ROOM POLICY [POLICY] [\\-\\-level LEVEL] [\\-\\-count N] [\\-\\-no\\-colour\\-all]',
    '.TP\n\\fIPOLICY\\fR\nOpen or closed.\n.TP',
    '.TP\n\\fB\\-\\-count\\fR \\fIN\\fR\nHow many. Default: 20.\n',
    '.TP\n\\fB\\-\\-no\\-colour\\-all\\fR\nDo not colour.\n',
    '.TP\n\\fBCOUNT\\fR\nStands in for \\-\\-count.\n',
    '.TP\n\\fBTOOL_HOME\\fR\nStands in for \\-\\-home.\n',
    '\n\\&.A note with \\e and \\- in it.\n.PP\nAnother one.\n',
    'Set what C:\\eit allows.',
  ]) {
    expect(page).toContain(part);
  }
});

optional('groff', ['groff', '--version'])('groff', () => {
  test('formats the page without a warning, and shows the texts as they are', async () => {
    const path = join(temporaryFolder().path, 'my-tool.1');
    writeFileSync(path, manPageOf(tool, '1.2.3'));
    const { code, out, err } = await startChild('groff', ['-man', '-Tascii', '-P-cbou', '-ww', '-rLL=200n', path])
      .ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const text of [
      '--no-colour-all',
      '.A note with \\ and - in it.',
      "Wide, if it's [possible]: or not.",
      'C:\\it',
    ]) {
      expect(out).toContain(text);
    }
  });
});
