/**
 * Requests and the live stream: what the client of any such service needs.
 *
 * It must never know what a request is about.
 */

/** The server did not take a request: try again later. */
export class Unavailable extends Error {}
/** The session is over: the user has to sign in again. The outbox stays. */
export class SignedOut extends Error {}

/** What is needed to talk to the server. */
export type Line = {
  /** Where the server is, without a slash at the end. */
  url: string;
  /** The access token of this device's session. */
  token: () => string;
  /** Gets the next pair of tokens (`POST /v1/auth/refresh`); throws if the user has to sign in again. */
  refresh: () => Promise<void>;
  fetch?: typeof fetch;
  /** Waits; not longer than until `signal` says stop. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
};

/** How often a request is made that the server asks to make again. */
const MAX_TRIES = 5;
/** A stream that is silent for so long is dead: the server says something every 25 seconds. */
const SILENCE_MS = 60_000;

/** A request with the access token: refreshed once after a 401, made again when the server says when. */
export async function call(line: Required<Line>, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  let refreshed = false;
  for (let tries = 1; ; tries++) {
    const authorization = `Bearer ${line.token()}`;
    const response = await line.fetch(line.url + path, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      ...(signal && { signal }),
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
    });
    if (response.status === 401) {
      if (refreshed) throw new SignedOut('the session is over');
      refreshed = true;
      // Another request may have got the next pair in the meantime.
      if (authorization === `Bearer ${line.token()}`) await line.refresh();
    } else if ((response.status === 429 || response.status === 503) && tries < MAX_TRIES) {
      const seconds = Number(response.headers.get('retry-after'));
      await line.sleep(seconds > 0 ? seconds * 1_000 : backoff(tries), signal);
    } else return response;
  }
}

/** The body of a successful answer; anything else is thrown. */
export async function json(response: Response): Promise<any> {
  if (response.ok) return response.json();
  const text = await response.text();
  throw new Unavailable(`${response.status}: ${text}`);
}

/** A server-sent event. */
export type Event = { name: string; data: string };

/** The events of a live stream as they come, until it ends or breaks. */
export async function* events(line: Required<Line>, path: string, signal: AbortSignal): AsyncGenerator<Event> {
  const connection = new AbortController();
  const stop = () => connection.abort();
  signal.addEventListener('abort', stop);
  try {
    const response = await call(line, path, undefined, connection.signal);
    if (!response.ok || !response.body) await json(response);
    const [reader, decoder] = [response.body!.getReader(), new TextDecoder()];
    let [text, event] = ['', { name: '', data: '' }];
    for (;;) {
      const timer = setTimeout(stop, SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      const lines = (text + decoder.decode(value, { stream: true })).split(/\r?\n/);
      text = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('event:')) event.name = line.slice(6).trim();
        if (line.startsWith('data:')) event.data += line.slice(5).trim();
        if (line !== '') continue;
        if (event.data) yield event;
        event = { name: '', data: '' };
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** `work`, which whoever asks for it meanwhile waits for, too. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work().finally(() => (running = undefined)));
}

/** One second, two, four, …; five minutes at most. */
export function backoff(failures: number): number {
  return Math.min(1_000 * 2 ** failures, 300_000);
}

/** Waits, but not longer than until `signal` says stop. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()));
  });
}
