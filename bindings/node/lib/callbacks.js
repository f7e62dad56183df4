"use strict";

// A callback as C calls it. An exception must not get there: koffi would let the transfer go on, or
// end the process. It cancels the call, which then throws it.

const CANCEL = Symbol("qcos.CANCEL");

class Watch {
  #callback;
  #signal;
  #thrown;

  constructor(callback, signal) {
    if (callback !== undefined && typeof callback !== "function") {
      throw new TypeError("a callback must be a function");
    }
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError("signal must be an AbortSignal");
    }
    this.#callback = callback;
    this.#signal = signal;
  }

  /** What goes to C; null when nobody wants to know. */
  get function() {
    if (this.#callback === undefined && this.#signal === undefined) return null;
    return (...values) => (this.#goesOn(values) ? 0 : 1);
  }

  #goesOn(values) {
    if (this.#thrown) return false;
    try {
      // The last is user_data.
      const answer = this.#callback?.(...values.slice(0, -1));
      return answer !== CANCEL && !this.#signal?.aborted;
    } catch (error) {
      this.#thrown = { error };
      return false;
    }
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

/** With the QcosError, which has the session to go on with, as its cause if it has none. */
function because(error, failure) {
  if (failure && error instanceof Error && error.cause === undefined && Object.isExtensible(error)) {
    Object.defineProperty(error, "cause", { value: failure, configurable: true, writable: true });
  }
  return error;
}

module.exports = { CANCEL, Watch };
