/** User names that people can confuse, such as `al1ce` and `alice`. */

/**
 * Texts that look alike in many fonts, and the one that stands for them. Of UTS #39 (confusables) the pairs that user names can
 * contain, and separators, which a reader overlooks.
 */
const confusables: readonly (readonly [RegExp, string])[] = [
  [/[-_]/g, ''],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/cl/g, 'd'],
  [/[1i]/g, 'l'],
  [/0/g, 'o'],
  [/5/g, 's'],
  [/2/g, 'z'],
  [/[9q]/g, 'g'],
];

/** Returns the form that is the same for names that look alike. */
export const skeletonOf = (name: string): string =>
  confusables.reduce((text, [look, stand]) => text.replace(look, stand), name);
