import { createGzip } from "node:zlib";

const HEAD_END = "\r\n\r\n";

/**
 * Compresses an answer that is passing by, as proxies do that care for nothing but bandwidth: the head says so,
 * and the body comes when the compressor has enough of it. `push` gets the new answer's bytes.
 */
export class GzipAnswer {
  readonly #gzip = createGzip();
  readonly #push: (bytes: Buffer) => void;
  #input: Buffer = Buffer.alloc(0);
  #hasHead = false;
  #isChunked = false;

  constructor(push: (bytes: Buffer) => void) {
    this.#push = push;
    this.#gzip.on("data", push);
  }

  write(bytes: Buffer) {
    this.#input = Buffer.concat([this.#input, bytes]);
    if (!this.#hasHead) this.#readHead();
    if (!this.#hasHead) return;
    if (this.#isChunked) this.#readChunks();
    else this.#compress(this.#input.length);
  }

  #readHead() {
    const end = this.#input.indexOf(HEAD_END);
    if (end < 0) return;
    const lines = this.#input.toString("latin1", 0, end).split("\r\n");
    const isFraming = (line: string) =>
      /^(transfer-encoding|content-length|connection|keep-alive):/i.test(line);
    this.#isChunked = lines.some((line) => /^transfer-encoding: *chunked/i.test(line));
    const head = [...lines.filter((line) => !isFraming(line)), "Content-Encoding: gzip", "Connection: close"];
    this.#push(Buffer.from(head.join("\r\n") + HEAD_END, "latin1"));
    this.#input = this.#input.subarray(end + HEAD_END.length);
    this.#hasHead = true;
  }

  /** RFC 9112, 7.1: "chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF". */
  #readChunks() {
    while (true) {
      const line = this.#input.indexOf("\r\n");
      if (line < 0) return;
      const size = Number.parseInt(this.#input.toString("latin1", 0, line), 16);
      if (this.#input.length < line + 2 + size + 2) return;
      this.#input = this.#input.subarray(line + 2);
      this.#compress(size);
      this.#input = this.#input.subarray(2);
    }
  }

  #compress(length: number) {
    this.#gzip.write(this.#input.subarray(0, length));
    this.#input = this.#input.subarray(length);
  }
}
