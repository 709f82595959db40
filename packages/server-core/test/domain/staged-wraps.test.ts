/** Wraps that a session has put for its next epoch. */
import { describe, expect, test } from 'vitest';
import { StagedWraps } from '../../src/domain/staged-wraps.ts';

describe('staged wraps', () => {
  const wrap = (index: number) => ({ to: String(index).padStart(64, '0'), envelope: 'AAAA' });

  test('add up for one epoch, are replaced by those of another, and are taken once', () => {
    const staged = new StagedWraps();
    staged.put('room', 1, [wrap(1), wrap(2)]);
    staged.put('room', 1, [wrap(2), wrap(3)]);
    expect(staged.take('room', 2)).toEqual([]);
    expect(staged.take('room', 1)).toHaveLength(3);
    expect(staged.take('room', 1)).toEqual([]);
    staged.put('room', 1, [wrap(1)]);
    staged.put('room', 2, [wrap(2)]);
    expect(staged.take('room', 1)).toEqual([]);
    expect(staged.take('room', 2)).toEqual([wrap(2)]);
  });

  test('are bounded in wraps and in rooms', () => {
    const staged = new StagedWraps();
    for (let index = 0; index < 1_000; index++) staged.put('room', 1, [wrap(index)]);
    expect(() => staged.put('room', 1, [wrap(1_000)])).toThrow(expect.objectContaining({ code: 'limit-reached' }));
    for (let index = 1; index < 16; index++) staged.put(`room ${index}`, 1, [wrap(1)]);
    // The wraps that were put first are replaced.
    staged.put('room', 1, [wrap(1)]);
    staged.put('one more', 1, [wrap(1)]);
    expect(staged.take('room 1', 1)).toEqual([]);
    expect(staged.take('room', 1)).toHaveLength(1_000);
    expect(staged.take('one more', 1)).toHaveLength(1);
  });
});
