"use strict";

/** The library or the service has refused or failed; index.d.ts tells the fields. */
class QcosError extends Error {
  constructor(reply) {
    super(reply.message);
    const { name = "SERVICE", kind = "service", retryable = false, attempts = 0 } = reply.error ?? {};
    const { code, httpcode, data, request_id = reply.error?.request_id } = reply;
    Object.assign(this, { code, kind, httpcode, data, retryable, attempts, request_id, reply });
    Object.defineProperty(this, "name", { value: name, configurable: true, writable: true });
  }
}

module.exports = { QcosError };
