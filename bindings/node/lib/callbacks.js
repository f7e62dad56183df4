"use strict";

// A callback as C calls it. An exception must not get there: koffi would let the transfer go on, or
// end the process. It cancels the call, which then throws it.

const { copyMemory } = require("./library.js");

const CANCEL = Symbol("qcos.CANCEL");

/** The most that a callback reads at once. */
const PIECE_BYTES = 1 << 20;

/** The callbacks of one call. */
class Watch {
  #signal;
  #thrown;

  constructor(signal) {
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError("signal must be an AbortSignal");
    }
    this.#signal = signal;
  }

  /** What goes to C; null when nobody wants to know. */
  report(callback) {
    if (callback === undefined && this.#signal === undefined) return null;
    if (callback !== undefined) check(callback, "a callback");
    return this.#guard(1, (...values) => (callback?.(...values) === CANCEL ? 1 : 0));
  }

  /** Fills C's memory with what `read(buffer)` puts into a buffer. */
  read(read) {
    check(read, "read");
    // Not C's memory itself, which is gone when a buffer of it may still be there.
    const piece = Buffer.alloc(PIECE_BYTES);
    return this.#guard(-1, (address, size) => {
      const most = Math.min(Number(size), PIECE_BYTES);
      const count = read(piece.subarray(0, most));
      if (count === CANCEL) return -1;
      if (!Number.isInteger(count)) {
        throw new TypeError(`read must return a number of bytes, not ${kindOf(count)}`);
      }
      if (count < 0 || count > most) throw new RangeError(`read returned ${count} for ${most} bytes`);
      if (count > 0) copyMemory(address, piece, count);
      return count;
    });
  }

  /** Gives C's memory to `write(chunk)`: a copy, as it may keep it. */
  write(write) {
    check(write, "write");
    return this.#guard(1, (address, size) => {
      const chunk = Buffer.allocUnsafeSlow(Number(size));
      copyMemory(chunk, address, chunk.length);
      const answer = write(chunk);
      // Nobody would wait for it, or hear of its failure.
      if (typeof answer?.then === "function") throw new TypeError("write must not return a promise");
      return answer === CANCEL ? 1 : 0;
    });
  }

  #guard(cancels, call) {
    return (...values) => {
      if (this.#thrown) return cancels;
      try {
        // The last is user_data.
        const answer = call(...values.slice(0, -1));
        return this.#signal?.aborted ? cancels : answer;
      } catch (error) {
        this.#thrown = { error };
        return cancels;
      }
    };
  }

  /** Throws what stands against starting the call. */
  begin() {
    this.#signal?.throwIfAborted();
  }

  /** Throws what the callback has thrown; or why the call was aborted, if that is why it failed. */
  end(failure) {
    if (this.#thrown) throw because(this.#thrown.error, failure);
    if (failure?.name === "QCOS_ERR_CANCELLED" && this.#signal?.aborted) {
      throw because(this.#signal.reason, failure);
    }
    if (failure) throw failure;
  }
}

function check(callback, name) {
  if (typeof callback !== "function") throw new TypeError(`${name} must be a function`);
}

function kindOf(value) {
  return typeof value?.then === "function" ? "a promise" : String(value);
}

/** With the QcosError, which has the session to go on with, as its cause if it has none. */
function because(error, failure) {
  if (failure && error instanceof Error && error.cause === undefined && Object.isExtensible(error)) {
    Object.defineProperty(error, "cause", { value: failure, configurable: true, writable: true });
  }
  return error;
}

module.exports = { CANCEL, Watch };
