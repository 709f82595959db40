/** The library of signatures, with which each key file is opened once with each password: a derivation is slow on purpose. */
type Library = typeof import('@chat/signatures');

/** To be called in a mock of the library, before anything else imports it. */
export function withOneDerivation(library: Library): Library {
  const unlocked = new Map<string, ReturnType<Library['unlockKeyFile']>>();
  const unlockKeyFile: Library['unlockKeyFile'] = (pem, password) => {
    const known = unlocked.get(`${password} ${pem}`) ?? library.unlockKeyFile(pem, password);
    unlocked.set(`${password} ${pem}`, known);
    return known;
  };
  return { ...library, unlockKeyFile };
}
