"use strict";

// Objects as streams of Node. C waits for them: a download while the reader is slow, an upload while
// the writer is.

const { Readable, Writable, addAbortSignal } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const { Callback } = require("./callbacks.js");
const { copyMemory } = require("./library.js");

const WRITE_BYTES = 1 << 20;

/** A call that a stream makes, from its first byte on until its end. */
class Transfer {
  #control = new AbortController();
  #ended;

  start(call, then, failed) {
    this.#ended = call(this.#control.signal).then(then, failed);
  }

  get started() {
    return this.#ended !== undefined;
  }

  /** Until C has nothing to do with it any more. */
  async end() {
    this.#control.abort();
    await this.#ended;
  }
}

class ReadStream extends Readable {
  #transfer = new Transfer();
  #call;
  #wanted = false;
  #more;
  /** What the call brings, at the end. */
  reply;

  constructor(client, bucket, path, { signal, highWaterMark, ...options } = {}) {
    super({ highWaterMark });
    const write = (chunk) => this.#take(chunk);
    this.#call = (ends) => client.downloadStream(bucket, path, write, { ...options, signal: ends });
    // At last: an aborted one destroys the stream at once.
    if (signal !== undefined) addAbortSignal(signal, this);
  }

  _read() {
    this.#wanted = true;
    if (!this.#transfer.started) this.#start();
    this.#more?.();
  }

  #start() {
    const done = (reply) => {
      this.reply = reply;
      this.push(null);
    };
    this.#transfer.start(this.#call, done, (error) => void this.destroy(error));
  }

  /** A promise where the next bytes are to wait. */
  #take(chunk) {
    this.#wanted = false;
    if (this.push(chunk) || this.#wanted) return undefined;
    return new Promise((more) => (this.#more = more));
  }

  _destroy(error, done) {
    this.#transfer.end().then(() => done(error));
  }
}

class WriteStream extends Writable {
  #transfer = new Transfer();
  #call;
  #chunks = [];
  #written;
  #last = false;
  #finished;
  #asked;
  /** What the call brings, at the end. */
  reply;

  constructor(client, bucket, path, { signal, highWaterMark = WRITE_BYTES, ...options } = {}) {
    super({ highWaterMark });
    const read = new Callback(() => this.#ready(), (_ready, address, size) => this.#fill(address, Number(size)));
    this.#call = (ends) => client.uploadStream(read, bucket, path, { ...options, signal: ends });
    if (signal !== undefined) addAbortSignal(signal, this);
  }

  _write(chunk, _encoding, written) {
    this.#give([chunk], written);
  }

  _writev(chunks, written) {
    this.#give(chunks.map(({ chunk }) => chunk), written);
  }

  #give(chunks, written) {
    this.#chunks = chunks.filter(({ length }) => length > 0);
    if (this.#chunks.length === 0) return written();
    this.#written = written;
    this.#go();
  }

  _final(finished) {
    this.#last = true;
    this.#finished = finished;
    this.#go();
  }

  #go() {
    const done = (reply) => {
      this.reply = reply;
      this.#finished();
    };
    if (!this.#transfer.started) this.#transfer.start(this.#call, done, (error) => void this.destroy(error));
    this.#asked?.();
  }

  /** A promise where there are no bytes yet. */
  #ready() {
    if (this.#chunks.length > 0 || this.#last) return undefined;
    return new Promise((asked) => (this.#asked = asked));
  }

  #fill(address, size) {
    let count = 0;
    while (count < size && this.#chunks.length > 0) {
      const [chunk] = this.#chunks;
      const part = chunk.subarray(0, size - count);
      copyMemory(address + BigInt(count), part, part.length);
      count += part.length;
      if (part.length < chunk.length) this.#chunks[0] = chunk.subarray(part.length);
      else this.#chunks.shift();
    }
    if (count > 0 && this.#chunks.length === 0) this.#written();
    return count;
  }

  _destroy(error, done) {
    this.#transfer.end().then(() => done(error));
  }
}

/** Whether it is a stream or another source of bytes; a Buffer is none, and no string. */
function isIterable(source) {
  if (typeof source !== "object" || source === null || ArrayBuffer.isView(source)) return false;
  return Symbol.asyncIterator in source || Symbol.iterator in source;
}

/** The reply of a stream of ours, once all of it has gone through the streams that `make` makes. */
async function piped(options, make, ours) {
  const { signal, ...rest } = options ?? {};
  const streams = make(rest);
  try {
    await pipeline(streams, { signal });
  } catch (error) {
    if (signal?.aborted && error.name === "AbortError") throw signal.reason;
    throw error;
  }
  return streams[ours].reply;
}

module.exports = { ReadStream, WriteStream, isIterable, piped };
