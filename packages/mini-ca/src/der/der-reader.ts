/**
 * Reading the fields of a DER value in order, without leaving out a byte: what is not asked for is refused, so that one
 * structure has one encoding. Takes only what `requireCanonicalDer` has let through.
 */

import { CaError } from '../errors.ts';
import { type Element, elementAtOffset } from './canonical-der.ts';

export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at: number;
  readonly #end: number;

  /** @param what the structure, as messages name it */
  constructor(bytes: Uint8Array, what: string, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#what = what;
    this.#at = at;
    this.#end = end;
  }

  /**
   * The fields of a value that must have this tag.
   *
   * @throws CaError `malformed`
   */
  static inside(element: Uint8Array, tag: number, what: string): DerReader {
    const outer = new DerReader(element, what);
    const fields = outer.fields(tag);
    outer.end();
    return fields;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** The tag of the next value, or undefined at the end. */
  get tag(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /** The next value, whatever it is. */
  next(): Element {
    if (this.done) throw this.#malformed();
    const element = elementAtOffset(this.#bytes, this.#at, this.#end);
    this.#at += element.der.length;
    return element;
  }

  /** The next value, which has this tag. */
  take(tag: number): Element {
    if (this.tag !== tag) throw this.#malformed();
    return this.next();
  }

  /** The next value if it has this tag. */
  takeIf(tag: number): Element | undefined {
    return this.tag === tag ? this.next() : undefined;
  }

  /** The fields of the next value, which has this tag. */
  fields(tag: number): DerReader {
    return new DerReader(this.take(tag).content, this.#what);
  }

  /** Every value that is left. */
  rest(): Element[] {
    const elements: Element[] = [];
    while (!this.done) elements.push(this.next());
    return elements;
  }

  /** Nothing is left. */
  end(): void {
    if (!this.done) throw this.#malformed();
  }

  #malformed(): CaError {
    return new CaError('malformed', `not a well-formed ${this.#what}`);
  }
}
