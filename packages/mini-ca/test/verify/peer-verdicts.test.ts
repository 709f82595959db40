/** The comparison that decides whether the table of chains is right about a peer. */
import { describe, expect, test } from 'vitest';
import { type Asked, type Difference, unexpectedVerdicts } from '../support/peer-verdicts.ts';

const asked = (got: Asked['got'], difference: Difference | null): Asked[] => [
  { row: 'a delta list', ours: 'refuses', difference, got },
];
const clause = '5.2.4';

describe('unexpectedVerdicts', () => {
  test('finds a peer that differs where no difference is listed', () => {
    expect(unexpectedVerdicts('3.0.19', asked('refuses', null))).toEqual([]);
    expect(unexpectedVerdicts('3.0.19', asked('accepts', null))).toEqual([
      { row: 'a delta list', expected: 'refuses', got: 'accepts' },
    ]);
  });

  test('finds a peer that agrees where a difference is listed', () => {
    expect(unexpectedVerdicts('3.0.19', asked('accepts', { clause }))).toEqual([]);
    expect(unexpectedVerdicts('3.0.19', asked('refuses', { clause }))).toEqual([
      { row: 'a delta list', expected: 'accepts', got: 'refuses' },
    ]);
  });

  test.each<[string, Partial<Difference>, boolean]>([
    ['3.0.9', { until: '3.0.20' }, true],
    ['3.0.20', { until: '3.0.20' }, true],
    ['3.0.22', { until: '3.0.20' }, false],
    ['3.5.9', { until: '3.0.20' }, false],
    ['3.0.20', { from: '3.0.20' }, true],
    ['10.0.0', { from: '3.0.20' }, true],
    ['3.0.9', { from: '3.0.20' }, false],
    ['3.0.19', { from: '3.0.17', until: '3.0.20' }, true],
    ['3.1', { from: '3.0.17', until: '3.1.0' }, true],
  ])('takes %s for a version within %j: %s', (version, range, isWithin) => {
    const got = isWithin ? 'accepts' : 'refuses';
    expect(unexpectedVerdicts(version, asked(got, { clause, ...range }))).toEqual([]);
  });
});
