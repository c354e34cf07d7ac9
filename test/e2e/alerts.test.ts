// Alerts from a real hook to real receivers on loopback: in time, exactly once by id, whatever receivers answer and whenever the sender dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enqueueAlert } from '../../src/alerts/alert.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { runHook } from '../support/hook-process.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { CLI, tollgate } from '../support/tollgate.ts';
import { writeTranscript } from '../support/transcript.ts';

const KEY = 'k3y';
const SESSION = '11111111-2222-4333-8444-555555555555';
/** Output tokens of Opus 4.7 for a dollar. */
const DOLLAR_TOKENS = 40_000;

interface Delivered {
  readonly delivery: string;
  readonly at: number;
  readonly alerts: readonly { readonly id: string; readonly code: string }[];
  readonly text: string;
}

let sandbox: Sandbox;
let servers: (Server | SMTPServer)[];
let senders: ChildProcess[];
beforeEach(async () => {
  sandbox = await createSandbox();
  servers = [];
  senders = [];
});
afterEach(async () => {
  for (const sender of senders) sender.kill('SIGKILL');
  for (const server of servers) await new Promise<void>((done) => server.close(() => done()));
  await sandbox.cleanup();
});

/** A webhook that checks signatures; `answer` gets the number of the request. */
async function openWebhook(answer: (response: ServerResponse, nth: number) => void) {
  const got: Delivered[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      const { 'tollgate-delivery': delivery, 'tollgate-timestamp': timestamp } = request.headers;
      const signature = createHmac('sha256', KEY).update(`${timestamp}.${body}`).digest('hex');
      expect(request.headers['tollgate-signature']).toBe(`v1=${signature}`);
      const { alerts, text, deliveryId } = JSON.parse(body);
      expect(deliveryId).toBe(delivery);
      got.push({ delivery: deliveryId, at: Date.now(), alerts, text });
      answer(response, got.length);
    });
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const channel = { type: 'webhook', url, secret: { env: 'KEY' }, allowPrivate: true };
  return { got, channel };
}

function configure(channels: object, more: object = { runOut: 'never' }): void {
  const folder = join(sandbox.home, '.config', 'tollgate');
  mkdirSync(folder, { recursive: true });
  const config = { budgets: [{ id: 'session', hard: '1.00' }], alerts: { channels, ...more } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

/** Puts alerts into the outbox, as a hook does. */
function raise(count: number): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  store.immediately(() => {
    for (let n = 0; n < count; n += 1) {
      const onceKey = `TEST|${n}|${Math.random()}`;
      const deps = { store, config: { alerts: { channels: [1] } } };
      enqueueAlert({ alert: { code: 'TEST' }, onceKey }, null, deps, Date.now());
    }
  });
  store.close();
}

/** The ids of alerts, each delivery counted once. */
function idsOf(got: readonly Delivered[]): string[] {
  const unique = new Map(got.map((each) => [each.delivery, each]));
  return [...unique.values()].flatMap(({ alerts }) => alerts.map(({ id }) => id));
}

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds() && Date.now() < end) await new Promise((done) => setTimeout(done, 50));
  expect(holds()).toBe(true);
}

const ok = (response: ServerResponse): void => void response.end();
const env = { KEY };

test('what a hook sees is told in time: by webhook, by mail, and once', async () => {
  const hook = await openWebhook(ok);
  const mails: string[] = [];
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onData(stream, _session, done) {
      let mail = '';
      stream.on('data', (chunk: Buffer) => {
        mail += chunk;
      });
      stream.on('end', () => {
        mails.push(mail);
        done();
      });
    },
  });
  servers.push(smtp);
  await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', done));
  const { port } = (smtp as unknown as { server: Server }).server.address() as AddressInfo;
  const addresses = { from: 'tollgate@example.com', to: ['ada@example.com', 'bob@example.com'] };
  configure({
    hook: hook.channel,
    mail: { type: 'email', host: '127.0.0.1', port, tls: 'none', ...addresses },
  });
  const transcript = writeTranscript(sandbox, SESSION);
  const event = { session_id: SESSION, transcript_path: transcript.path, prompt_id: 't1' };
  const spend = async (id: string, share: number) => {
    transcript.respond({ id, usage: { output_tokens: DOLLAR_TOKENS * share } });
    await runHook(sandbox, 'Stop', event, env);
    return Date.now();
  };
  transcript.prompt('t1');
  const at = await spend('m1', 0.6);
  await until(() => hook.got.length === 1 && mails.length === 1, 20_000);
  expect((hook.got[0]?.at ?? 0) - at).toBeLessThan(5_000);
  expect(hook.got[0]?.alerts).toMatchObject([{ code: 'THRESHOLD_REACHED', ratio: 0.5 }]);
  expect(hook.got[0]?.text.split('\n')).toEqual([
    'Tollgate: 50 % spent',
    '$0.60 of $1.00 (budget session), less than one request left',
    'github.com/Acme/Shop @ main',
    'Raise it: tollgate grant 2 --session 11111111',
  ]);
  expect(mails[0]).toContain('Subject: Tollgate: 50 % spent');
  expect(mails[0]).toMatch(/Message-ID: <[\w-]+@tollgate.invalid>/);
  expect(mails[0]).toContain('text/plain');
  expect(mails[0]).toContain('text/html');
  await spend('m2', 0.01);
  await spend('m3', 0.25);
  await until(() => hook.got.length === 2 && mails.length === 2, 20_000);
  expect(hook.got[1]?.alerts).toMatchObject([{ code: 'THRESHOLD_REACHED', ratio: 0.8 }]);
  await runHook(sandbox, 'UserPromptSubmit', { ...event, prompt: 'go on', prompt_id: 't2' }, env);
  await until(() => hook.got.length === 3, 20_000);
  expect(hook.got[2]?.alerts.map(({ code }) => code)).toEqual(['SESSION_HALTED']);
  expect(new Set(idsOf(hook.got)).size).toBe(3);
  const listed = JSON.parse((await tollgate(sandbox, ['alerts', '--json'])).stdout);
  expect(listed).toMatchObject({
    schema: 'tollgate/alerts@1',
    channels: [
      { name: 'hook', failingCount: 0 },
      { name: 'mail', failingCount: 0 },
    ],
  });
});

test('a ceiling that will soon be met is told by the process that sends', async () => {
  const hook = await openWebhook(ok);
  configure({ hook: hook.channel }, {});
  const transcript = writeTranscript(sandbox, SESSION);
  transcript.prompt('t1');
  transcript.respond({ id: 'm1', usage: { output_tokens: DOLLAR_TOKENS * 0.6 } });
  const event = { session_id: SESSION, transcript_path: transcript.path, prompt_id: 't1' };
  await runHook(sandbox, 'Stop', event, env);
  const codes = () => hook.got.flatMap(({ alerts }) => alerts.map(({ code }) => code));
  await until(() => codes().includes('RUN_OUT_NEAR'), 20_000);
  expect(new Set(codes())).toEqual(new Set(['THRESHOLD_REACHED', 'RUN_OUT_NEAR']));
  expect(new Set(idsOf(hook.got)).size).toBe(2);
});

test('receivers that fail, ask for patience, cut off or are slow have it once, by its id', async () => {
  const answers: Record<string, (response: ServerResponse, nth: number) => void> = {
    good: ok,
    failing: (response, nth) => void response.writeHead(nth < 3 ? 500 : 200).end(),
    busy: (response, nth) =>
      void response.writeHead(nth < 2 ? 429 : 200, { 'retry-after': '2' }).end(),
    cut: (response, nth) => (nth < 2 ? void response.destroy() : ok(response)),
    slow: (response) => void setTimeout(() => response.end(), 3_000),
    // It has taken the first one, and lost its own answer.
    known: (response, nth) => void (nth < 2 ? response.destroy() : response.writeHead(409).end()),
  };
  const hooks = await Promise.all(Object.values(answers).map(openWebhook));
  const names = Object.keys(answers);
  configure(Object.fromEntries(names.map((name, n) => [name, hooks[n]?.channel])));
  await tollgate(sandbox, ['status'], env);
  raise(1_000);
  // Any command that opens the ledger starts the sender.
  const at = Date.now();
  await tollgate(sandbox, ['alerts', 'list'], env);
  const counts = () => hooks.map(({ got }) => got.length);
  await until(() => counts().join() === '1,3,2,2,1,2', 40_000);
  expect((hooks[0]?.got[0]?.at ?? 0) - at).toBeLessThan(5_000);
  const [first, second] = hooks[names.indexOf('busy')]?.got ?? [];
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  for (const { got } of hooks) {
    expect(new Set(got.map(({ delivery }) => delivery)).size).toBe(1);
    expect(idsOf(got)).toHaveLength(1_000);
    expect(new Set(idsOf(got)).size).toBe(1_000);
  }
});

test('a sender that is killed, at whatever moment, is followed by one that sends the rest', async () => {
  let onRequest: (() => void) | null = null;
  const hook = await openWebhook((response) => {
    if (onRequest === null) return ok(response);
    onRequest();
    onRequest = null;
    response.destroy();
  });
  configure({ hook: hook.channel });
  await tollgate(sandbox, ['status'], env);
  openSqliteStore(join(sandbox.tollgateHome, 'ledger.db')).close();
  const startSender = () => {
    const sender = spawn(process.execPath, [CLI, 'alerts', 'send'], {
      ...{ cwd: sandbox.repo, env: sandbox.env(env), stdio: 'ignore' },
    });
    senders.push(sender);
    return { sender, ended: new Promise((done) => sender.once('exit', done)) };
  };
  raise(3);
  for (const delayMs of [100, 300, 600, 1_000, 1_300, 1_600]) {
    const { sender, ended } = startSender();
    setTimeout(() => sender.kill('SIGKILL'), delayMs);
    await ended;
  }
  raise(2);
  // As soon as the receiver has it, and before the sender knows.
  const { sender, ended } = startSender();
  onRequest = () => sender.kill('SIGKILL');
  await until(() => onRequest === null || sender.exitCode !== null, 20_000);
  onRequest = null;
  sender.kill('SIGKILL');
  await ended;
  const end = Date.now() + 40_000;
  while (new Set(idsOf(hook.got)).size < 5 && Date.now() < end) await startSender().ended;
  const ids = idsOf(hook.got);
  expect(ids).toHaveLength(5);
  expect(new Set(ids).size).toBe(5);
});

test('a mail server that refuses, puts off or is slow has each mail once, by its id', async () => {
  const later = () => Object.assign(new Error('try later'), { responseCode: 421 });
  let connectionCount = 0;
  let dataCount = 0;
  let killed = () => {};
  const mails: string[] = [];
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onConnect(_session, done) {
      connectionCount += 1;
      done(connectionCount === 1 ? later() : null);
    },
    onData(stream, _session, done) {
      dataCount += 1;
      const nth = dataCount;
      let mail = '';
      stream.on('data', (chunk: Buffer) => {
        mail += chunk;
      });
      stream.on('end', () => {
        if (nth === 1) return done(later());
        mails.push(mail);
        // It has the mail, and whoever sent it never hears of that.
        if (nth === 2) killed();
        setTimeout(() => done(), nth === 3 ? 2_000 : 0);
      });
    },
  });
  servers.push(smtp);
  smtp.on('error', () => {});
  await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', done));
  const { port } = (smtp as unknown as { server: Server }).server.address() as AddressInfo;
  const addresses = { from: 'tollgate@example.com', to: ['ada@example.com'] };
  configure({ mail: { type: 'email', host: '127.0.0.1', port, tls: 'none', ...addresses } });
  await tollgate(sandbox, ['status'], env);
  raise(1);
  const end = Date.now() + 60_000;
  while (mails.length < 2 && Date.now() < end) {
    const sender = spawn(process.execPath, [CLI, 'alerts', 'send'], {
      ...{ cwd: sandbox.repo, env: sandbox.env(env), stdio: 'ignore' },
    });
    senders.push(sender);
    killed = () => sender.kill('SIGKILL');
    await new Promise((done) => sender.once('exit', done));
  }
  await tollgate(sandbox, ['alerts', 'send'], env);
  expect(mails).toHaveLength(2);
  const ids = mails.map((mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1]);
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/@tollgate\.invalid>/);
  const { channels } = JSON.parse((await tollgate(sandbox, ['alerts', '--json'])).stdout);
  expect(channels).toMatchObject([{ name: 'mail', failingCount: 0 }]);
}, 120_000);

test('a digest goes to the channel it is for, once for each day, however often it is asked for', async () => {
  const [hook, other] = [await openWebhook(ok), await openWebhook(ok)];
  configure({ hook: hook.channel, other: other.channel });
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  recordAll(store, [request({ id: 'm1', at: Date.now() - DAY_MS, cost: 123_000_000 })]);
  store.close();
  const day = ['digest', '--day', '--to', 'hook', '--timezone', 'UTC'];
  const runs = await Promise.all([0, 1].map(() => tollgate(sandbox, day, env)));
  runs.push(
    await tollgate(sandbox, day, env),
    await tollgate(sandbox, ['digest', ...day.slice(1, 2), 'today', ...day.slice(2)], env),
  );
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 2]);
  await until(() => hook.got.length === 1, 10_000);
  const [alert] = hook.got[0]?.alerts ?? [];
  expect(alert).toMatchObject({ code: 'DIGEST', digest: { costNanoUsd: 123_000_000 } });
  expect(hook.got[0]?.text.split('\n').slice(0, 2).join('|')).toMatch(
    /^Tollgate: \w+ \d+ \w+ \d{4}: \$0.12\|1 request; nothing was spent the day before\.$/,
  );
  expect(other.got).toEqual([]);
});

test("a repository's file sends nothing anywhere, and is told so", async () => {
  const hook = await openWebhook(ok);
  configure({});
  const file = join(sandbox.repo, '.claude', 'tollgate.json');
  mkdirSync(join(sandbox.repo, '.claude'));
  writeFileSync(file, JSON.stringify({ alerts: { channels: { hook: hook.channel } } }));
  const transcript = writeTranscript(sandbox, SESSION);
  transcript.prompt('t1');
  transcript.respond({ id: 'm1', usage: { output_tokens: DOLLAR_TOKENS * 0.6 } });
  const event = { session_id: SESSION, transcript_path: transcript.path, prompt_id: 't1' };
  const { output } = await runHook(sandbox, 'UserPromptSubmit', { ...event, prompt: 'x' }, env);
  expect(output?.systemMessage).toContain(`${file}:1:`);
  expect(output?.systemMessage).toContain('alerts');
  await runHook(sandbox, 'Stop', event, env);
  const run = await tollgate(sandbox, ['alerts', 'test'], env);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('no channel is configured');
  expect(hook.got).toEqual([]);
});

test('mail goes over STARTTLS or not at all, and a test tells what is wrong', async () => {
  const cert = join(sandbox.root, 'cert.pem');
  const key = join(sandbox.root, 'key.pem');
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'];
  const files = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert];
  expect((await sandbox.run('openssl', [...words, ...files])).exitCode).toBe(0);
  const got: { secure: boolean; user: unknown }[] = [];
  const smtp = new SMTPServer({
    ...{ key: readFileSync(key), cert: readFileSync(cert) },
    onAuth({ username, password }, _session, done) {
      if (password === 'right') return done(null, { user: username });
      return done(new Error('no'));
    },
    onData(stream, { secure, user }, done) {
      stream.resume();
      stream.on('end', () => {
        got.push({ secure, user });
        done();
      });
    },
  });
  servers.push(smtp);
  smtp.on('error', () => {});
  await new Promise<void>((done) => smtp.listen(0, 'localhost', done));
  const { port } = (smtp as unknown as { server: Server }).server.address() as AddressInfo;
  const people = { user: 'ada', from: 'a@example.com', to: 'b@example.com' };
  const mail = { type: 'email', host: 'localhost', port, password: { env: 'PASSWORD' }, ...people };
  configure({ mail });
  const trying = (password: string, more: Record<string, string> = {}) =>
    tollgate(sandbox, ['alerts', 'test', 'mail', '--json'], { PASSWORD: password, ...more });
  const trusted = { NODE_EXTRA_CA_CERTS: cert };
  const sent = await trying('right', trusted);
  expect(JSON.parse(sent.stdout).results).toMatchObject([{ channel: 'mail', isSent: true }]);
  expect(got).toEqual([{ secure: true, user: 'ada' }]);
  // A certificate that nobody vouches for, and a wrong password.
  for (const refused of [await trying('right'), await trying('wrong', trusted)]) {
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout + refused.stderr).not.toContain('right');
  }
  expect(got).toHaveLength(1);
});
