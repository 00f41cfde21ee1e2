// The scripts of the examples that carry the numbers over HTTP, run against a server of ours that also misbehaves.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { check, skip } from './report.mjs';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
async function within(seconds, true_) {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await sleep(50)) if (true_()) return true;
  return true_();
}
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`)));

// Runs a script of the examples until `body` has ended; returns its output and its status at SIGTERM.
async function during(script, args, body) {
  const child = spawn('sh', [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => (out += d));
  const exit = new Promise((done) => child.on('exit', done));
  await body();
  child.kill('SIGTERM');
  return { out, status: await exit };
}

async function fetchNumbers({ scratch, k8s }) {
  const dir = mkdtempSync(path.join(scratch, 'fetch-'));
  const file = path.join(dir, 'numbers.txt');
  const date = 'Fri, 20 Nov 2026 10:00:00 GMT';
  const now = { generation: 1, as: 'well', matched: 0 };
  const text = (n) => `${n}\n`.repeat(1000);
  const server = createServer((request, response) => {
    const etag = `"g${now.generation}"`;
    const head = { ETag: etag, 'Last-Modified': date, 'Content-Length': text(now.generation).length };
    if (now.as === 'busy') response.writeHead(503).end('busy\n');
    else if (request.headers['if-none-match'] === etag) {
      now.matched++;
      response.writeHead(304, { ETag: etag }).end();
    } else if (now.as === 'torn') response.writeHead(200, head).write(text(now.generation).slice(0, 100), () => response.destroy());
    else response.writeHead(200, head).end(text(now.generation));
  });
  const url = await listen(server);
  const facts = {};
  const is = (n) => existsSync(file) && readFileSync(file, 'utf8') === text(n);
  const { out, status } = await during(path.join(k8s, 'examples/numbers-consumer/fetch-numbers'), [`${url}/numbers.txt`, file, '0.1'], async () => {
    facts['the first generation'] = await within(5, () => is(1));
    facts['it has the time of the generation'] = statSync(file).mtime.toUTCString() === date;
    facts['it asks by ETag, and is told that it has it'] = await within(5, () => now.matched >= 3);
    Object.assign(now, { generation: 2, as: 'torn' });
    await sleep(600);
    facts['an answer that is cut off leaves the file'] = is(1);
    now.as = 'busy';
    await sleep(600);
    facts['an error leaves it too'] = is(1);
    now.as = 'well';
    facts['the next whole generation comes'] = await within(5, () => is(2));
    await within(5, () => now.matched >= 6);
  });
  server.close();
  facts['a line for each change'] = /^fetched\nnot fetched: curl: .*\nnot fetched: HTTP 503 *\nfetched\n$/.test(out);
  facts['status 0 at SIGTERM'] = status === 0;
  return ['fetch-numbers keeps the newest whole generation, whatever the server does', facts, out];
}

async function pushNumbers({ scratch, k8s }) {
  const dir = mkdtempSync(path.join(scratch, 'push-'));
  const file = path.join(dir, 'numbers.txt');
  const headers = path.join(dir, 'headers');
  const put = (n) => {
    writeFileSync(`${file}.new`, `${n}\n`.repeat(1000));
    renameSync(`${file}.new`, file);
  };
  const got = [];
  let busy = false;
  let refused = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (d) => (body += d));
    request.on('end', () => {
      if (busy) refused++;
      else got.push({ method: request.method, url: request.url, body, auth: request.headers.authorization, length: request.headers['content-length'] });
      response.writeHead(busy ? 503 : 204).end();
    });
  });
  const url = await listen(server);
  const facts = {};
  const { out, status } = await during(path.join(k8s, 'examples/pushed/push-numbers'), [file, `${url}/node1/numbers.txt`, headers], async () => {
    await sleep(300); // no file yet: nothing to send, and no fault
    put(1);
    facts['the first generation'] = await within(5, () => got.length === 1);
    await sleep(1300);
    facts['once'] = got.length === 1;
    writeFileSync(headers, 'Authorization: Bearer secret\n');
    busy = true;
    put(2);
    facts['it tries while the server refuses'] = await within(5, () => refused >= 1);
    put(3);
    busy = false;
    facts['then the newest generation'] = await within(60, () => got.length === 2); // the longest pause between two tries
  });
  server.close();
  facts['by PUT, whole, with its length'] = got.every((g, i) => g.method === 'PUT' && g.url === '/node1/numbers.txt' && g.body === `${[1, 3][i]}\n`.repeat(1000) && g.length === '2000');
  facts['credentials only once there are some'] = got.map((g) => g.auth).join() === ',Bearer secret';
  facts['a line for each change'] = /^sent\nnot sent: curl: .*503.*\nsent\n$/.test(out);
  facts['status 0 at SIGTERM'] = status === 0;
  return ['push-numbers sends each generation by PUT, and after an outage the newest', facts, out];
}

export async function transferChecks(context) {
  if (spawnSync('curl', ['--version']).error) {
    skip('fetch-numbers and push-numbers', 'curl is not installed');
    return;
  }
  for (const [sentence, facts, out] of await Promise.all([fetchNumbers(context), pushNumbers(context)]))
    check(sentence, Object.entries(facts).filter(([, ok]) => !ok).map(([fact]) => fact).concat(Object.values(facts).every(Boolean) ? [] : [out]));
}
