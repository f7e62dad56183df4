"use strict";

// Lists that can be awaited, for one page, or gone through, for all.

/** Entries a page where all pages are wanted: what either API takes. */
const PAGE_ENTRIES = 199;

/** A promise of a page, whose iterator goes through it and those that follow, each when it is needed. */
function paged(ask, given) {
  const { num, ...options } = given ?? {};
  let asked = false;
  const page = (context) => ask({ num: num ?? (asked ? PAGE_ENTRIES : 0), ...options, ...context });
  // Later than `for await`, which asks for an iterator at once.
  const first = Promise.resolve().then(() => page());
  return iterable(first, async function* () {
    for (let at = await first; ; at = await page({ context: at.context })) {
      yield* at.infos;
      if (!at.has_more) return;
    }
  }, () => (asked = true));
}

/** A promise of everything, whose iterator goes through it. */
function whole(promise) {
  return iterable(promise, async function* () {
    yield* (await promise).infos;
  });
}

/** A promise of everything, whose iterator gets it page by page: the call waits in between. */
function pushed(call, given, method) {
  const { signal, ...options } = given ?? {};
  let asked = false;
  const all = Promise.resolve().then(() => (asked ? undefined : call(given)));
  return iterable(all, () => handedOver(call, signal, options, method), () => (asked = true));
}

async function* handedOver(call, signal, options, method) {
  if (options.page) throw new TypeError(`${method}: page cannot be given where the list is gone through`);
  const control = new AbortController();
  let over = false;
  let arrive;
  let taken;
  const arrival = () => (over ? undefined : new Promise((arrived) => (arrive = arrived)));
  let next = arrival();
  const page = (infos) => {
    arrive(infos);
    return new Promise((resolve) => (taken = resolve));
  };
  const ends = signal ? AbortSignal.any([signal, control.signal]) : control.signal;
  const called = call({ ...options, page, signal: ends });
  const end = () => {
    over = true;
    arrive();
  };
  called.then(end, end);
  try {
    for (let infos = await next; infos; infos = await next) {
      yield* infos;
      next = arrival();
      taken();
    }
    await called;
  } finally {
    control.abort();
    await called.catch(() => {});
  }
}

function iterable(promise, entries, onAsked = () => {}) {
  const value = () => {
    onAsked();
    return entries();
  };
  return Object.defineProperty(promise, Symbol.asyncIterator, { value });
}

module.exports = { paged, pushed, whole };
