/** The published libraries, by their names without the scope. */
import { miniCa } from './mini-ca.ts';
import { portableLibraries } from './portable-libraries.ts';

export const libraries = { ...portableLibraries, 'mini-ca': miniCa };
