// The official Node SDK as a peer: one operation, measured.
//
//     node sdk.js upload|download|stat url=URL key=KEY [file=FILE] [threads=N part=MIB] [calls=N] [warm=N]
//
// Without threads and part, its own defaults: 3 parts at once, 1 MiB each; 5 ranges at once, 1 MiB each.
'use strict';

const fs = require('fs');
const COS = require('cos-nodejs-sdk-v5');

const [operation, ...pairs] = process.argv.slice(2);
const chosen = Object.fromEntries(pairs.map((pair) => {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}));

const MIB = 1 << 20;
const tuned = chosen.threads
  ? { ChunkParallelLimit: Number(chosen.threads), ChunkSize: Number(chosen.part) * MIB } : {};
const cos = new COS({
  SecretId: 'TESTSECRETID0000000000000000000000000',
  SecretKey: 'TESTSECRETKEYDONOTUSE0000000000',
  Protocol: 'http:',
  Domain: new URL(chosen.url).host,
  ...tuned,
});
const where = { Bucket: 'testbucket-10000001', Region: 'ap-guangzhou', Key: chosen.key };

function memory(name) {
  const line = fs.readFileSync('/proc/self/status', 'ascii').split('\n').find((l) => l.startsWith(name));
  return Number(line.split(/\s+/)[1]);
}

const calls = [];

async function perform() {
  if (operation === 'upload') {
    await cos.uploadFile({ ...where, FilePath: chosen.file });
  } else if (operation === 'download') {
    const ranges = chosen.threads
      ? { ParallelLimit: Number(chosen.threads), ChunkSize: Number(chosen.part) * MIB } : {};
    await cos.downloadFile({ ...where, FilePath: chosen.file, ...ranges });
  } else if (operation === 'stat') {
    for (let i = 0; i < Number(chosen.calls || 1000); i++) {
      const before = process.hrtime.bigint();
      await cos.headObject(where);
      calls.push(Number(process.hrtime.bigint() - before) / 1e3);
    }
  } else {
    throw new Error('unknown operation');
  }
}

async function main() {
  if (operation === 'stat') {
    for (let i = 0; i < Number(chosen.warm || 100); i++) await cos.headObject(where);
  }
  fs.writeFileSync('/proc/self/clear_refs', '5'); // forgets the peak of what came before
  const before = memory('VmRSS:');
  const cpu = process.cpuUsage();
  const begun = process.hrtime.bigint();
  await perform();
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  const told = { seconds, cpu_seconds: (user + system) / 1e6, rss_before_kib: before,
    rss_peak_kib: memory('VmHWM:') };
  if (calls.length) {
    calls.sort((a, b) => a - b);
    told.p50_us = calls[Math.floor(calls.length / 2)];
    told.p99_us = calls[Math.floor(calls.length * 0.99)];
    told.calls_per_s = calls.length / seconds;
  }
  console.log(JSON.stringify(told));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
