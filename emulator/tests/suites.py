"""Runs the test suite of an official SDK, unchanged, against the emulator, and counts what passes.

    python3 emulator/tests/suites.py python|go|node CHECKOUT [--emulator PROGRAM] [--only NAME]

CHECKOUT is the SDK's source with its suite. The suites name hosts of the service; a proxy on this machine, which they find
in their environment, or a module loaded into Node leads these to the emulator, and all others nowhere. emulator/README.md
has the counts.
"""
import argparse
import hashlib
import hmac
import http.server
import json
import os
import re
import select
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlsplit
from urllib.request import urlopen

REGION, UIN = 'ap-guangzhou', '100010805041'
# The Go suite has its appid and buckets in its source.
APPIDS = {'python': '10000001', 'go': '1259654469', 'node': '10000001'}
KEY_ID, KEY = 'TESTSECRETID0000000000000000000000000', 'TESTSECRETKEYDONOTUSE0000000000'
PROXIES = ('HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy')
# Of the object storage; others (ci, pic, vectors) are other services.
HOSTS = re.compile(r'(^|\.)cos\.([\w-]+\.)?(myqcloud\.com|tencentcos\.cn)$')


def certificate(folder):
    """A key, and a certificate of every host that the suites name."""
    regions = ('ap-guangzhou', 'ap-beijing', 'ap-chengdu', 'ap-shanghai')
    names = []
    for domain in ('myqcloud.com', 'tencentcos.cn'):
        names.append('service.cos.' + domain)
        names += ['%scos.%s.%s' % (star, region, domain) for region in regions for star in ('*.', '')]
    key, pem = os.path.join(folder, 'key.pem'), os.path.join(folder, 'certificate.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-keyout', key, '-out', pem,
                    '-subj', '/CN=emulator', '-addext', 'subjectAltName=' + ','.join('DNS:' + name for name in names)],
                   check=True, stderr=subprocess.DEVNULL)
    return key, pem


class Proxy(socketserver.BaseRequestHandler):
    """CONNECT and absolute URLs, to the emulator whatever address the name has."""

    def handle(self):
        head = b''
        while b'\r\n\r\n' not in head:
            read = self.request.recv(65536)
            if not read:
                return
            head += read
        method, target, _ = head.split(b'\r\n', 1)[0].decode('latin-1').split(' ', 2)
        host = target.rsplit(':', 1)[0] if method == 'CONNECT' else urlsplit(target).hostname or ''
        if not HOSTS.search(host):
            return
        with socket.create_connection(self.server.emulator) as service:
            if method == 'CONNECT':
                self.request.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
                head = head.split(b'\r\n\r\n', 1)[1]
            service.sendall(head)
            others = {self.request: service, service: self.request}
            while True:
                for ready in select.select(list(others), [], [])[0]:
                    read = ready.recv(65536)
                    if not read:
                        return
                    others[ready].sendall(read)


class Keys(http.server.BaseHTTPRequestHandler):
    """What the Node suite asks of a server of its own: temporary keys, and a signature of PUT /1.txt (xml-api.md §2)."""

    def do_GET(self):
        now = int(time.time())
        period = '%d;%d' % (now - 60, now + 3600)

        def mac(key, text):
            return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()

        request = hashlib.sha1(b'put\n/1.txt\n\n\n').hexdigest()
        signature = mac(mac(KEY, period), 'sha1\n%s\n%s\n' % (period, request))
        signed = ('q-sign-algorithm=sha1&q-ak=%s&q-sign-time=%s&q-key-time=%s&q-header-list=&q-url-param-list='
                  '&q-signature=%s' % (KEY_ID, period, period, signature))
        body = json.dumps({
            'startTime': now, 'expiredTime': now + 3600, 'signMap': {'PutObject': signed},
            'credentials': {'tmpSecretId': KEY_ID, 'tmpSecretKey': KEY, 'sessionToken': 'token'}}).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def serve(handler, emulator=None):
    server = Server(('127.0.0.1', 0), handler)
    server.emulator = emulator
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return 'http://127.0.0.1:%d' % server.server_address[1]


def faults():
    """The vendor's server of errors, which the tests of retries need: the key names the answer (with an `r`, it has a
    request id; with an `l`, it lasts), and what may be repeated is done the second time. [guess, from what they expect]"""
    for status in (200, 204, 206, 301, 302, 400, 403, 404, 500, 503, 504):
        for end, name in (('', None), ('r', 'request'), ('l', None)):
            match = {'path': '/%d%s' % (status, end)}
            again = status >= 500 and end != 'l'
            yield {'match': {**match, **({'every': 2} if again else {})},
                   'fault': {'status': status, 'body': '', 'headers': {'x-cos-request-id': name}}}
    yield {'match': {'path': '/shutdown', 'every': 2}, 'fault': {'reset': 'before'}}
    yield {'match': {'path': '/timeout', 'every': 2}, 'fault': {'stall': 'before_answer'}}
    for key in ('500', '500r', '503', '503r', '504', '504r', 'shutdown', 'timeout'):
        answer = {'status': 200, 'body': '', 'headers': {'x-cos-request-id': 'request'}}
        yield {'match': {'path': '/' + key}, 'fault': answer}


def settings(suite, address):
    """The environment that the suite reads."""
    appid = APPIDS[suite]
    if suite == 'python':
        vectors = {'COS_VECTORS_' + name: value for name, value in [
            ('BUCKET', 'vectors-' + appid), ('BUCKET_FOR_CREATE_DELETE', 'vectors2-' + appid), ('APPID', appid),
            ('SECRET_ID', KEY_ID), ('SECRET_KEY', KEY), ('REGION', REGION), ('USE_IP', 'false')]}
        return {'COS_SECRET_ID': KEY_ID, 'COS_SECRET_KEY': KEY, 'COS_REGION': REGION, 'COS_APPID': appid,
                'TRAVIS_FLAG': 'false', 'TEST_CI': 'false', 'USE_CREDENTIAL_INST': 'false', 'ERR_HOST': address,
                'ErrRegion': 'ap-chengdu', 'ErrBucket': 'errors', 'ErrAppid': appid, **vectors}
    if suite == 'go':
        return {'COS_SECRETID': KEY_ID, 'COS_SECRETKEY': KEY}
    return {'SecretId': KEY_ID, 'SecretKey': KEY, 'Bucket': 'suite-' + appid, 'Region': REGION, 'Uin': UIN,
            'nodejssdkStsUrl': serve(Keys)}


def buckets(suite):
    """Those that exist at the start; the suites make more, and expect that others do not exist."""
    if suite == 'go':
        return ['cosgosdktest', 'cosgosdkreptest']
    if suite == 'node':
        return ['suite']
    name = 'cos-python-v5-test-'
    return [name + 'ci', name + 'mi']


def python(arguments, environment):
    results = os.path.join(environment['SUITE_RESULTS'], 'results.xml')
    command = [sys.executable, '-m', 'nose', '-v', '--with-xunit', '--xunit-file=' + results, 'ut/test.py']
    if arguments.only:
        command[-1] += ':' + arguments.only
    else:
        # It uploads 10 GB.
        command.append('--exclude=test_upload_file_10000_parts')
    subprocess.run(command, cwd=arguments.checkout, env=environment)
    for case in ElementTree.parse(results).getroot().iter('testcase'):
        # A function that the runner takes for a test.
        if case.find('skipped') is not None:
            continue
        wrong = case.find('failure') if case.find('failure') is not None else case.find('error')
        why = None if wrong is None else (wrong.get('message') or wrong.text or '?')
        yield case.get('name'), why


def lines(command, arguments, environment):
    run = subprocess.Popen(command, cwd=arguments.checkout, env=environment, stdout=subprocess.PIPE, text=True,
                           errors='replace')
    for line in run.stdout:
        print(line, end='', flush=True)
        yield line
    run.wait()


def go(arguments, environment):
    command = ['go', 'test', '-mod=mod', '-v', '-count=1', '-timeout=30m', './costesting']
    command += ['-run', 'TestCosTestSuite/' + arguments.only] if arguments.only else []
    for line in lines(command, arguments, environment):
        found = re.match(r'\s+--- (PASS|FAIL): TestCosTestSuite/(\S+)', line)
        if found:
            yield found[2], None if found[1] == 'PASS' else 'see above'


def node(arguments, environment):
    results = os.path.join(environment['SUITE_RESULTS'], 'results.json')
    reporter = os.path.join(environment['SUITE_RESULTS'], 'reporter.js')
    with open(reporter, 'w') as file:
        file.write('''const fs = require('fs');
// It has no proxy: the hosts of the service are the emulator, and no other is reached.
const { Socket } = require('net');
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...given) {
  const to = Array.isArray(given[0]) ? given[0][0] : given[0];
  const own = /^(127[.]0[.]0[.]1|localhost)$/;
  if (to && to.host && !own.test(to.host)) {
    const isService = new RegExp(process.env.SUITE_HOSTS).test(to.host);
    const [host, port] = (isService ? process.env.SUITE_EMULATOR : '127.0.0.1:9').split(':');
    Object.assign(to, { host, port });
  }
  return connect.apply(this, given);
};
module.exports = function (runner) {
  const add = (test, why) => fs.appendFileSync(process.env.SUITE_LIST, JSON.stringify([test.fullTitle(), why]) + '\\n');
  runner.on('pass', (test) => add(test, null));
  runner.on('fail', (test, error) => add(test, String(error && error.stack || error)));
};
''')
    open(results, 'w').close()
    environment['SUITE_LIST'] = results
    for name in PROXIES:
        del environment[name]
    command = ['node', 'node_modules/mocha/bin/_mocha', '--exit', '--reporter', reporter, 'test/test.js']
    command += ['--grep', arguments.only] if arguments.only else []
    for _ in lines(command, arguments, environment):
        pass
    with open(results) as file:
        yield from (json.loads(line) for line in file)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('suite', choices=['python', 'go', 'node'])
    parser.add_argument('checkout')
    parser.add_argument('--emulator', default='target/release/qcos-emulator')
    parser.add_argument('--only')
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        key, pem = certificate(folder)
        command = [arguments.emulator, '--data', os.path.join(folder, 'data'), '--appid', APPIDS[arguments.suite],
                   '--region', REGION, '--private', '--tls-certificate', pem, '--tls-key', key]
        for bucket in buckets(arguments.suite):
            command += ['--bucket', bucket]
        emulator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = urlsplit(emulator.stdout.readline().split()[-1])
            rules = json.dumps(list(faults())).encode()
            urlopen('http://%s/_emulator/faults' % address.netloc, rules).close()
            proxy = serve(Proxy, (address.hostname, address.port))
            environment = {**os.environ, **settings(arguments.suite, address.netloc), 'SUITE_RESULTS': folder,
                           'SUITE_HOSTS': HOSTS.pattern, 'SUITE_EMULATOR': address.netloc, 'NO_PROXY': '127.0.0.1',
                           'REQUESTS_CA_BUNDLE': pem, 'SSL_CERT_FILE': pem, 'NODE_EXTRA_CA_CERTS': pem}
            environment.update((name, proxy) for name in PROXIES)
            results = list({'python': python, 'go': go, 'node': node}[arguments.suite](arguments, environment))
        finally:
            emulator.terminate()
            emulator.wait()
    if arguments.suite == 'python':
        with open(os.path.join(arguments.checkout, 'ut/test.py'), encoding='utf-8') as file:
            tests = re.split(r'^def ', file.read(), flags=re.M)
        # Those of data processing that ask whether they are to be run.
        empty = {test.split('(')[0] for test in tests if "if TEST_CI != 'true'" in test}
        print('%d of those that passed do nothing' % sum(name in empty for name, why in results if why is None))
    failed = [(name, why) for name, why in results if why is not None]
    for name, why in failed:
        print('FAILED %s: %s' % (name, ' '.join(why.split())[:300]))
    print('%d passed, %d failed' % (len(results) - len(failed), len(failed)))


if __name__ == '__main__':
    main()
