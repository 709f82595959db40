/**
 * What a store needs for the wraps of epochs, and nothing else: the thread of the store starts each time anew, and would load all
 * schemas with the whole package.
 */
export { fromHex, toHex } from './bytes.ts';
export { allPartsOf, type InParts, isBlank, type WrapProof, WrapTree, wrapBytes, wrapLeaf } from './entry/wrap-tree.ts';
