import { describe, expect, test } from 'vitest';
import { formatInvitationLine, parseInvitationLine } from '../src/index.ts';

const fingerprint = '0123456789abcdef'.repeat(4);

describe('an invitation line', () => {
  test.each([
    { host: 'chat.example.org', port: 9998, fingerprint, invitation: 'abcDEF_-' },
    { host: '127.0.0.1', port: 1, fingerprint },
    { host: '::1', port: 65535, fingerprint, invitation: 'QUJD' },
    { host: 'localhost', port: 9998 },
  ])('for $host is parsed as it was formatted', (line) => {
    expect(parseInvitationLine(formatInvitationLine(line))).toEqual(line);
  });

  test('is parsed without scheme or port, and with spaces, upper case and colons', () => {
    const colons = (fingerprint.toUpperCase().match(/../g) ?? []).join(':');
    expect(parseInvitationLine(' localhost ')).toEqual({ host: 'localhost', port: 9998 });
    expect(parseInvitationLine(`chat://localhost#${colons}`)).toEqual({ host: 'localhost', port: 9998, fingerprint });
  });

  test.each([
    '',
    'chat://',
    'https://x',
    'a b',
    'host:0',
    'host:70000',
    'host:x',
    'host#12',
    `host#${fingerprint}.`,
    `host#${fingerprint}.a!b`,
    `host#${fingerprint}.QUJD.QUJD`,
    `host#${fingerprint}#`,
    'chat://host/path',
    '-rf; true',
  ])('%j is refused', (text) => {
    expect(parseInvitationLine(text)).toBeNull();
  });
});
