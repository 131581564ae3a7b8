/** A failed read whose server asks not to be asked again for a while. */
export class AskedToWait extends Error {
  constructor(
    message: string,
    /** ms. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}
