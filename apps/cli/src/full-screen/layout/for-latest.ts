/** Remembers one result, for parts of a frame that seldom change. */

/** Returns a function that calls `make` only when an argument is another one than in the call before. */
export function forLatest<A extends readonly unknown[], R>(make: (...args: A) => R): (...args: A) => R {
  let latest: { readonly args: A; readonly result: R } | null = null;
  return (...args) => {
    const isSame = latest?.args.every((each, at) => Object.is(each, args[at])) ?? false;
    if (latest === null || !isSame) latest = { args, result: make(...args) };
    return latest.result;
  };
}
