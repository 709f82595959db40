/** Recovery phrases: the words of BIP 39, what follows from them, and what is wrong with words that are none. */
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { entropyOf, newPhrase, phraseWords, recoveryKeysOf } from '../../../src/node/recovery/phrase.ts';

const zeros = `${'abandon '.repeat(23)}art`;

function messageOf(phrase: string): string {
  try {
    entropyOf(phrase);
    return 'no error';
  } catch (error) {
    return String(error);
  }
}

test('a phrase has 24 words of the list, another one each time, and is read back whatever its case and spaces', () => {
  const phrase = newPhrase();
  expect(phrase.split(' ')).toHaveLength(phraseWords);
  expect(newPhrase()).not.toBe(phrase);
  expect(entropyOf(`  ${phrase.toUpperCase().replaceAll(' ', '\n ')} \n`)).toEqual(entropyOf(phrase));
  // The vector of BIP 39 for 256 zero bits.
  expect(entropyOf(zeros)).toEqual(new Uint8Array(32));
});

test('words that are no phrase are refused with what is wrong, and a suggestion', () => {
  for (const words of ['', 'abandon', zeros.replace(' art', '')])
    expect(thrownCode(() => entropyOf(words))).toBe('not-a-phrase');
  expect(messageOf(zeros.replace('abandon', 'abanodn'))).toMatch(/word 1, "abanodn".*Is it "abandon"\?/);
  expect(messageOf(zeros.replace('art', 'artt'))).toMatch(/word 24, "artt"/);
  expect(messageOf(zeros.replace('art', 'zoo'))).toMatch(/together they are no recovery phrase/);
  expect(messageOf(zeros.replace('art', 'pass-word!'))).not.toContain('pass-word!');
});

test('the keys follow from the phrase and the server', () => {
  const [one, other] = ['a', 'b'].map((digit) => recoveryKeysOf(entropyOf(zeros), digit.repeat(64)));
  const again = recoveryKeysOf(entropyOf(zeros), 'a'.repeat(64));
  expect(again.backupKey).toBe(one?.backupKey);
  expect(again.signer.fingerprint).toBe(one?.signer.fingerprint);
  expect(other?.backupKey).not.toBe(one?.backupKey);
  expect(other?.signer.fingerprint).not.toBe(one?.signer.fingerprint);
});
