"""pipeline.py as a program: what it writes, what it does not do again, and what failures leave."""

import gzip
import json
import os
import signal
import subprocess
import sys

import libqcos

from .support import BUCKET, MIB, PACKAGE, XML, Case, faults, forget_requests, requests

TABLE = "country,city,n\nCN,广州,1\nDE,Berlin,2\nCN,北京,3\n"


class Pipeline(Case):
    def setUp(self):
        super().setUp()
        self.source, self.target = self.remote + "/in", self.remote + "/out"

    def put(self, name, data):
        path = f"{self.source}/{name}"
        self.client.upload_buffer_with(data, BUCKET, path, overwrite=True)

    def start(self):
        command = [sys.executable, str(PACKAGE / "pipeline.py"), BUCKET, self.source, self.target]
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONIOENCODING": "utf-8"}
        return subprocess.Popen(command, env=environment, stdout=-1, stderr=-1)

    def run_it(self, code=0):
        process = self.start()
        printed, complaint = process.communicate(timeout=120)
        self.assertEqual((process.returncode, complaint.decode()), (code, ""), printed.decode())
        return sorted(printed.decode().splitlines())

    def lines(self, name):
        with self.client.open(BUCKET, f"{self.target}/{name}") as file:
            return [json.loads(line) for line in file]

    def written(self):
        names = [it["name"] for it in self.client.entries(BUCKET, self.target, recursive=True)]
        return [name for name in names if "." in name]

    def test_what_it_writes_and_does_not_do_again(self):
        self.put("a.csv", TABLE.encode())
        self.put("day/b.csv.gz", gzip.compress(TABLE.encode()))
        rows = [{"country": "FR", "n": number} for number in range(20_000)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        self.put("c.jsonl.gz", gzip.compress(lines.encode()))
        self.put("other.txt", b"text")
        self.assertEqual(
            self.run_it(),
            [
                'a.csv done {"CN": 2, "DE": 1}',
                'c.jsonl.gz done {"FR": 20000}',
                'day/b.csv.gz done {"CN": 2, "DE": 1}',
            ],
        )
        expected = [{"city": "广州", "n": "1"}, {"city": "北京", "n": "3"}]
        self.assertEqual(self.lines("country=CN/a.csv.jsonl"), expected)
        self.assertEqual(self.lines("country=CN/day/b.csv.gz.jsonl"), expected)
        self.assertEqual(self.lines("country=FR/c.jsonl.gz.jsonl")[-1], {"n": 19_999})
        self.assertEqual(len(self.written()), 8)

        forget_requests()
        again = ["a.csv same", "c.jsonl.gz same", "day/b.csv.gz same"]
        self.assertEqual(self.run_it(), again)
        self.assertEqual({it["op"] for it in requests()} & {"put_object", "upload"}, set())

        self.put("a.csv", TABLE.replace("DE", "IT").encode())
        self.assertEqual(self.run_it(), ['a.csv done {"CN": 2, "IT": 1}', *again[1:]])

    def test_a_source_that_is_broken(self):
        broken = gzip.compress(TABLE.encode() * 1000)
        self.put("broken.csv.gz", broken[: len(broken) // 2])
        self.put("good.csv", TABLE.encode())
        told = self.run_it(1)
        self.assertRegex(told[0], r"^broken.csv.gz failed \(EOFError")
        self.assertEqual(told[1], 'good.csv done {"CN": 2, "DE": 1}')
        self.assertEqual([name for name in self.written() if "broken" in name], [])

    def test_ctrl_c_leaves_nothing_half(self):
        """A part is sent, and never answered."""
        if not XML:
            return
        row = "CN," + "x" * 1000 + "\n"
        self.put("large.csv", ("country,text\n" + row * (12 * MIB // 1000)).encode())
        faults(
            [
                {
                    "match": {"op": "upload_part", "path": f"/{self.target}/*"},
                    "fault": {"stall": "before_answer"},
                }
            ]
        )
        self.addCleanup(faults, [])
        forget_requests()
        process = self.start()
        while not any(it["op"] == "upload_part" for it in requests()):
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        printed, complaint = process.communicate(timeout=60)
        self.assertEqual((process.returncode, printed), (1, b""), complaint.decode())
        self.assertTrue(complaint.startswith(b"interrupted"), complaint.decode())
        faults([])
        self.assertEqual(self.written(), [])
        self.assertEqual(self.client.list_uploads(BUCKET, self.target)["infos"], [])
        self.assertEqual(len(self.run_it()), 1)

    def test_a_wrong_account(self):
        self.put("a.csv", TABLE.encode())
        environment = {**os.environ, "QCOS_SECRET_KEY": "wrong", "PYTHONPATH": str(PACKAGE)}
        command = [sys.executable, str(PACKAGE / "pipeline.py"), BUCKET, self.source, self.target]
        run = subprocess.run(command, env=environment, stdout=-1, stderr=-1, timeout=60)
        self.assertEqual((run.returncode, run.stdout), (1, b""))
        self.assertTrue(run.stderr.startswith(b"SERVICE (-97)"), run.stderr.decode())
