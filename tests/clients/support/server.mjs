// The servers to test, and people with phones on them.
//
// AFTERVIEW_URLS names the servers, separated by commas; AFTERVIEW_CLOCKS, if set, names for each an address
// that moves its clock (tests/suite/clients.rs has one). Every test runs on each server, with accounts of
// its own.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

const list = (name) => (process.env[name] ?? '').split(',').filter((url) => url !== '');

const clocks = list('AFTERVIEW_CLOCKS');
/** `{ url, name, clock }` of every server. */
export const servers = list('AFTERVIEW_URLS').map((url, i) => ({ url, name: `server ${i + 1}`, clock: clocks[i] }));

assert.notEqual(servers.length, 0, 'AFTERVIEW_URLS must name at least one server');

/** A test that runs on every server. */
export function onEach(name, body) {
  for (const server of servers) test(`${name} (${server.name})`, (t) => body(server, t));
}

/** What a server answers to a request, as JSON; fails unless it is a success. */
export async function ask(server, path, { token, body, method } = {}) {
  const response = await fetch(server.url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method ?? ''} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Lets time pass on the server; says whether it did, because real clocks do not take orders. */
export async function advance(server, ms) {
  if (!server.clock) return false;
  const response = await fetch(server.clock, { method: 'POST', body: String(Math.round(ms)) });
  assert.ok(response.ok);
  return true;
}

/** One session of one person on one server: what an app keeps to be signed in. */
export class Session {
  constructor(server, tokens) {
    this.server = server;
    this.keep(tokens);
    this.refreshed = 0;
  }

  keep(tokens) {
    this.access = tokens.access_token;
    this.next = tokens.refresh_token;
    this.id = tokens.session_id;
  }

  token = () => this.access;

  refresh = async () => {
    this.refreshed += 1;
    this.keep(await ask(this.server, '/v1/auth/refresh', { body: { refresh_token: this.next } }));
  };

  ask(path, options = {}) {
    return ask(this.server, path, { token: this.access, ...options });
  }
}

/** A new person with so many phones, each with a session of its own. */
export async function phones(server, count) {
  const body = { email: `${randomUUID()}@example.org`, password: 'correct horse battery', time_zone: 'America/New_York' };
  const sessions = [new Session(server, await ask(server, '/v1/auth/register', { body }))];
  while (sessions.length < count) {
    const { email, password } = body;
    sessions.push(new Session(server, await ask(server, '/v1/auth/login', { body: { email, password } })));
  }
  return sessions;
}
