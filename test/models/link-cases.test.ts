/** The table of `models/cases.json` that concerns the steps of a link: the library decides as it says. */

import { HubError } from '@chat/ecdh-hub';
import { expect, test } from 'vitest';
import { contextOfWrap, testLink, wrapsOf } from '../../packages/ecdh-hub/test/support/link-setting.ts';
import { casesOf, resultOf } from '../support/models/cases.ts';

test('what the recipient does with a wrap', () => {
  const link = testLink();
  const [skipped, used, next, later] = wrapsOf(link.sender, 4).wraps;
  const wraps: Readonly<Record<string, Uint8Array | undefined>> = { skipped, used, next, later };
  const recipient = link.recipient.unwrap(used ?? new Uint8Array(), contextOfWrap(1)).link;
  for (const given of casesOf('wrap')) {
    // Whether there is a link is the client's matter.
    if (given['link'] !== 'held') continue;
    const at = Object.keys(wraps).indexOf(given['step'] ?? '');
    let opens = 'yes';
    try {
      recipient.unwrap(wraps[given['step'] ?? ''] ?? new Uint8Array(), contextOfWrap(at));
    } catch (error) {
      opens = error instanceof HubError && error.code === 'link-step-used' ? 'used' : String(error);
    }
    expect({ ...given, opens }).toEqual({ ...given, opens: resultOf('wrap', given)?.['opens'] });
  }
});
