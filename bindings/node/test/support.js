"use strict";

// What the tests share: the account and the service of the environment, files, other processes.

const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Client, QcosError } = require("../index.js");

const { QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, QCOS_OPTIONS, QCOS_REPOSITORY } = process.env;
const OPTIONS = JSON.parse(QCOS_OPTIONS || "{}");
const PACKAGE = path.join(__dirname, "..");
const REPOSITORY = QCOS_REPOSITORY ?? path.join(PACKAGE, "..", "..");

function client(options) {
  return new Client(QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, { ...OPTIONS, ...options });
}

/** A folder on either side and a client, all of the test's own. */
function setUp(test, options) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "qcos-"));
  const own = client(options);
  test.after(() => {
    own.close();
    fs.rmSync(folder, { recursive: true });
  });
  // New content each time: what the service has already, the JSON API does not want again.
  const file = (name, size) => {
    fs.writeFileSync(path.join(folder, name), crypto.randomBytes(size));
    return path.join(folder, name);
  };
  return { client: own, folder, remote: crypto.randomUUID(), file };
}

/** The error of this name that a call fails with. */
async function failure(name, call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof QcosError, error);
    assert.equal(error.name, name, error.message);
    return error;
  }
  return assert.fail(`${name} was expected`);
}

/** A shared library of this C code. */
function compiled(folder, code) {
  const [source, library] = ["fake.c", "libqcos.so"].map((name) => path.join(folder, name));
  fs.writeFileSync(source, code);
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, source]);
  return library;
}

/** How a program with this package ends. One that hangs ends with a signal. */
function node(code, environment) {
  const env = { ...process.env, ...environment };
  delete env.NODE_TEST_CONTEXT;
  return spawnSync(process.execPath, ["-e", code], { cwd: PACKAGE, env, encoding: "utf8", timeout: 60_000 });
}

module.exports = {
  BUCKET: "nodetests",
  MIB: 1 << 20,
  OPTIONS,
  PACKAGE,
  REPOSITORY,
  XML: "region" in OPTIONS,
  client,
  compiled,
  failure,
  node,
  setUp,
};
