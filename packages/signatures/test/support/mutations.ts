/** Changed inputs for the fuzz tests: a sound text or byte string with a few changes. */
import fc from 'fast-check';

interface Edit {
  readonly kind: 'replace' | 'insert' | 'remove' | 'repeat' | 'cut';
  /** The position, from 0 (the beginning) to 1 (the end). */
  readonly place: number;
  readonly length: number;
  readonly value: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('replace', 'replace', 'insert', 'remove', 'repeat', 'cut'),
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.nat({ max: 8 }),
  value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0x00, 0x01, 0x02, 0x03, 0x04, 0x30, 0x7f, 0x80, 0x82, 0xff)),
});

/** Generates these bytes with one to four changes, which may cancel each other out. */
export function mutatedBytes(sound: Uint8Array): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) => Uint8Array.from(edits.reduce((list, one) => apply(list, one, one.value), [...sound])));
  return fc.oneof({ weight: 9, arbitrary: changed }, fc.uint8Array({ maxLength: sound.length + 10 }));
}

/** Generates this text with one to four changes, by characters that occur in keys. */
export function mutatedText(sound: string): fc.Arbitrary<string> {
  const alphabet = 'ABCabc019+/=-_ \n\r\t\0"{}é😀';
  const changed = fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((list, one) => apply(list, one, alphabet.charAt(one.value % alphabet.length)), [...sound]).join(''),
    );
  return fc.oneof({ weight: 9, arbitrary: changed }, fc.string({ maxLength: 200 }));
}

function apply<T>(list: readonly T[], { kind, place, length }: Edit, value: T): T[] {
  const at = Math.floor(place * list.length);
  const [before, after] = [list.slice(0, at), list.slice(at)];
  if (kind === 'replace') return [...before, value, ...after.slice(1)];
  if (kind === 'insert') return [...before, value, ...after];
  if (kind === 'remove') return [...before, ...after.slice(length)];
  if (kind === 'repeat') return [...before, ...after.slice(0, length), ...after];
  return before;
}
