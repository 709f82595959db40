/**
 * Reads the fields of a DER value in order. A field that the caller does not ask for is refused, so that a structure has only one
 * encoding. The bytes must have passed `requireCanonicalDer`.
 */
import { CaError } from '../errors.ts';
import { type Element, elementAtOffset } from './canonical-der.ts';

/** Reads a sequence of DER values from front to back. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #structureName: string;
  #at = 0;

  /** @param structureName the name of the structure in error messages */
  constructor(bytes: Uint8Array, structureName: string) {
    this.#bytes = bytes;
    this.#structureName = structureName;
  }

  /**
   * Returns the fields of `element`, which must be a value with this tag and nothing after it.
   *
   * @throws CaError `malformed`
   */
  static inside(element: Uint8Array, tag: number, structureName: string): DerReader {
    const outer = new DerReader(element, structureName);
    const fields = outer.fields(tag);
    outer.end();
    return fields;
  }

  /** True when every value has been read. */
  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The tag of the next value, or null at the end. */
  get tag(): number | null {
    return this.#bytes[this.#at] ?? null;
  }

  /**
   * Reads the next value of any type.
   *
   * @throws CaError `malformed` at the end
   */
  next(): Element {
    if (this.done) throw this.#malformed();
    const element = elementAtOffset(this.#bytes, this.#at, this.#bytes.length);
    this.#at += element.der.length;
    return element;
  }

  /**
   * Reads the next value, which must have this tag.
   *
   * @throws CaError `malformed`
   */
  take(tag: number): Element {
    if (this.tag !== tag) throw this.#malformed();
    return this.next();
  }

  /** Reads the next value if it has this tag, and otherwise returns null. */
  takeIf(tag: number): Element | null {
    return this.tag === tag ? this.next() : null;
  }

  /**
   * Reads the next value, which must have this tag, and returns its fields.
   *
   * @throws CaError `malformed`
   */
  fields(tag: number): DerReader {
    return new DerReader(this.take(tag).content, this.#structureName);
  }

  /** Reads all remaining values. */
  rest(): Element[] {
    const elements: Element[] = [];
    while (!this.done) elements.push(this.next());
    return elements;
  }

  /**
   * Requires that no value remains.
   *
   * @throws CaError `malformed`
   */
  end(): void {
    if (!this.done) throw this.#malformed();
  }

  #malformed(): CaError {
    return new CaError('malformed', `not a well-formed ${this.#structureName}`);
  }
}
