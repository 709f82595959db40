/**
 * Names that look like other names: `аlice` with a Cyrillic first letter (Unicode UTS #39 section 5 has more of them). A name
 * that is wholly in one alphabet passes: whether it looks like somebody's in another is for `authorise` to say.
 */
import { CaError, quoted } from '../errors.ts';

/** Alphabets whose letters are taken for each other's; a text has letters of one of them at most. */
const confusableScripts = ['Latin', 'Cyrillic', 'Greek', 'Coptic', 'Armenian', 'Georgian', 'Cherokee', 'Lisu'].map(
  (script) => new RegExp(`\\p{Script=${script}}`, 'u'),
);

/** Characters that show nothing, or of which nobody can know what they show. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Co}\p{Cn}]/u;

/** @throws CaError `look-alike-name` */
export function requireSingleScript(text: string): void {
  const alphabets = confusableScripts.filter((letters) => letters.test(text)).length;
  // The normal form has no full-width, mathematical or otherwise dressed-up letters.
  if (alphabets <= 1 && !invisible.test(text) && text.normalize('NFKC') === text) return;
  throw new CaError(
    'look-alike-name',
    `${quoted(text)} could be taken for another name: write it in the letters of one alphabet, in normal form (NFKC)`,
  );
}
