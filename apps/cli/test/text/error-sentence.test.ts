/** The sentences for error codes. */
import { describe, expect, test } from 'vitest';
import { CommandError } from '../../src/command-error.ts';
import { asCommandError, sentenceFor } from '../../src/text/error-sentence.ts';

const coded = (code: string, message = 'm') => Object.assign(new Error(message), { code });

describe('sentences for errors', () => {
  test('name what is known and end in a full stop', () => {
    const about = { server: 'host:9998', user: 'alice', room: 'lobby' };
    const codes = ['wrong-password', 'profile-in-use', 'user-name-taken', 'room-name-taken', 'unknown-room'];
    for (const code of [...codes, 'invitation-required', 'invitation-refused', 'message-too-long', 'not-joined']) {
      expect(sentenceFor(coded(code), about)).toMatch(/^[A-Z].*\.$/);
      expect(sentenceFor(coded(code), about)).not.toBe('m');
    }
    expect(sentenceFor(coded('unknown-room'), about)).toContain('lobby');
    expect(sentenceFor(coded('user-name-taken'), about)).toContain('alice');
    expect(sentenceFor(coded('invitation-required'), about)).toContain('host:9998');
  });

  test('are about the other user when the command names one', () => {
    for (const code of [
      'unknown-user',
      'already-a-member',
      'already-invited',
      'removed',
      'not-verified',
      'not-online',
    ]) {
      const sentence = sentenceFor(coded(code), { server: 'host', user: 'alice', room: 'lobby', otherUser: 'bob' });
      expect(sentence).toMatch(/bob.*\.$/);
      expect(sentence).not.toMatch(/^You/);
    }
    for (const code of ['not-invited', 'access-revoked', 'prekey-refused', 'stale-view', 'other-log', 'removed']) {
      expect(sentenceFor(coded(code), { room: 'lobby' })).toMatch(/^[A-Za-z].{40,}\.$/);
    }
  });

  test('are the message of the error, made safe, for other codes', () => {
    expect(sentenceFor(coded('something-new', 'a \u001b]52;c;eA==\u0007server\nsaid'))).toBe('a server said');
    expect(sentenceFor(coded('constructor', 'plain'))).toBe('plain');
    expect(sentenceFor('thrown text')).toBe('thrown text');
  });

  test('are made once and keep the code', () => {
    const error = asCommandError(coded('unknown-room'), { room: 'lobby' });
    expect(error).toBeInstanceOf(CommandError);
    expect([error.code, error.exitCode]).toEqual(['unknown-room', 1]);
    expect(asCommandError(error, { room: 'other' })).toBe(error);
    expect(sentenceFor(error)).toContain('lobby');
  });
});
