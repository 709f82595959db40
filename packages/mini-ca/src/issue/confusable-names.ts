/**
 * Refuses names that are confusable with others because they mix scripts (Unicode UTS #39 section 5), such as `аlice` with a
 * Cyrillic first letter. A name in a single script passes, although it may be confusable with one in another script: `authorise`
 * must decide about that.
 */
import { CaError, quoted } from '../errors.ts';

/** Scripts with letters that are confusable with letters of another script. A name may use at most one of them. */
const confusableScripts = ['Latin', 'Cyrillic', 'Greek', 'Coptic', 'Armenian', 'Georgian', 'Cherokee', 'Lisu'].map(
  (script) => new RegExp(`\\p{Script=${script}}`, 'u'),
);

/** Characters without a visible shape, and private-use and unassigned characters, whose shape is undefined. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Co}\p{Cn}]/u;

/**
 * Requires a name in a single script, without invisible characters, in normal form.
 *
 * @throws CaError `look-alike-name`
 */
export function requireSingleScript(text: string): void {
  const scripts = confusableScripts.filter((letters) => letters.test(text)).length;
  // NFKC replaces full-width, mathematical and other variants of letters.
  if (scripts <= 1 && !invisible.test(text) && text.normalize('NFKC') === text) return;
  throw new CaError(
    'look-alike-name',
    `${quoted(text)} is confusable with other names: use letters of one script, in normal form (NFKC)`,
  );
}
