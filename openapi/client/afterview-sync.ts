/**
 * A complete offline client of Afterview: no dependencies, any storage, any `fetch`. Take it as it is, or
 * read it to write your own; README.md beside it walks through it.
 *
 * Here is what the user does, and the rounds with the server. What a device keeps is in copy.ts, what
 * mutations do to records in mutations.ts, requests in transport.ts, and where to store it all in storage.ts.
 *
 * It must never merge two edits, never judge by a clock, and never change a mutation that was sent.
 */

import { Copy, hex, type Entry } from './copy.ts';
import { folded, type Doc, type Edit, type Mutation, type Together } from './mutations.ts';
import type { Storage } from './storage.ts';
import { backoff, call, events, json, once, pause, SignedOut, Unavailable, type Line } from './transport.ts';

/** A mutation that the server refused, for the app to show. Its content is in the conflicts named. */
export type Refused = { mutation: Mutation; status: string; code: string; detail: string; conflicts: string[] };

export type Options = Line & {
  storage: Storage;
  /** Tells the app that what it shows may have changed. */
  changed?: () => void;
  /** Tells the app that the server refused something that the user did. */
  refused?: (what: Refused) => void;
  /** The version of the fields that the app knows. */
  schema?: number;
  /** The device's clock in Unix milliseconds; it may be wrong. */
  now?: () => number;
  /** Fills with randomness. */
  random?: (bytes: Uint8Array) => Uint8Array;
  sha256?: (bytes: Uint8Array) => Promise<Uint8Array>;
};

/** The most mutations of one request, and about the most bytes of them; `GET /v1/limits` has the server's. */
const MAX_MUTATIONS = 500;
const MAX_BYTES = 1_000_000;
/** The texts that the server weaves word by word: an edit says which text it began with. */
const TEXTS = ['notes', 'body'];

type Answer = { [name: string]: any };

export class AfterviewSync {
  private readonly options: Required<Options>;
  private readonly copy: Copy;
  private queue: Promise<unknown> = Promise.resolve();
  private running: Promise<void> | null = null;
  private again = false;
  private most = MAX_MUTATIONS;

  private constructor(options: Options, copy: Copy) {
    this.copy = copy;
    this.options = {
      schema: 1, changed: () => {}, refused: () => {}, now: Date.now,
      fetch: (input, init) => fetch(input, init), random: (bytes) => crypto.getRandomValues(bytes),
      sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource)),
      sleep: pause, ...options, refresh: once(options.refresh),
    };
  }

  /** Opens what was stored, or begins anew. */
  static async open(options: Options): Promise<AfterviewSync> {
    return new AfterviewSync(options, await Copy.load(options.storage));
  }

  // What the user sees.

  /** A record as the user sees it. */
  record(c: string, id: string): Doc | undefined {
    return this.copy.record(c, id);
  }

  /** All records of a collection as the user sees them, by id. */
  all(c: string): Doc[] {
    return this.copy.all(c);
  }

  /** Two versions of something, one kept and one not, that nobody has decided on. */
  conflicts(): Doc[] {
    return this.all('conflicts').filter((conflict) => conflict.state === 'open');
  }

  /** What the server has not confirmed yet, in the order in which it was done. */
  waiting(): Mutation[] {
    return this.copy.entries().filter((entry) => entry.progress !== 'done').map((entry) => entry.mutation);
  }

  // What the user does. Each is stored when it returns.

  /** Makes a record; the answer is its id. */
  async create(c: string, set: Doc, id = this.uuid(), more: Together = {}): Promise<string> {
    await this.add(c, id, 'create', { set, ...more });
    return id;
  }

  /** Changes a record: give only what was changed. */
  async patch(c: string, id: string, edit: Edit, more: Together = {}): Promise<void> {
    await this.add(c, id, 'patch', { ...edit, ...more });
  }

  /** Deletes a record and what belongs to it. */
  async delete(c: string, id: string, more: Together = {}): Promise<void> {
    await this.add(c, id, 'delete', more);
  }

  /** Takes a deletion back. The record is seen again when the server has said so. */
  async restore(c: string, id: string, more: Together = {}): Promise<void> {
    await this.add(c, id, 'restore', more);
  }

  /** Takes a step that is more than its fields: `mark_sent`, `skip`, …, or `resolve` a conflict. */
  async act(c: string, id: string, action: string, args: Doc = {}, set: Doc = {}): Promise<void> {
    await this.add(c, id, 'action', { action, args, set });
  }

  private add(c: string, id: string, op: Mutation['op'], rest: Partial<Mutation>): Promise<void> {
    return this.alone(async () => {
      const key = `${c}/${id}`;
      const mutation: Mutation = { mid: this.uuid(), c, id, op, at: this.options.now(), ...rest };
      for (const field of op === 'patch' ? TEXTS : []) {
        if (mutation.set?.[field] === undefined) continue;
        const before = this.copy.record(c, id)?.[field];
        const hash = await this.options.sha256(new TextEncoder().encode(typeof before === 'string' ? before : ''));
        mutation.text_base = { ...mutation.text_base, [field]: hex(hash.slice(0, 8)) };
      }
      const [number, last] = [...this.copy.outbox].filter(([, entry]) => entry.key === key).at(-1) ?? [0, undefined];
      const foldable = last?.progress === 'pending' && ['create', 'patch'].includes(last.mutation.op);
      if (last && foldable && op === 'patch' && !mutation.txn && !last.mutation.txn) {
        this.copy.put(number, { ...last, mutation: folded(last.mutation, mutation) });
        return;
      }
      // A chain of mutations has one base: what the user saw before the first of them.
      const base = last ? last.mutation.base : this.copy.table.get(key)?.rev;
      if (base !== undefined) mutation.base = base;
      if (last) mutation.after = last.mutation.mid;
      this.copy.put(this.copy.state.next, { key, progress: 'pending', rev: 0, mutation });
      this.copy.set({ next: this.copy.state.next + 1 });
    });
  }

  // Rounds with the server.

  /**
   * Plays rounds until there is nothing to send and nothing to get. One runs at a time. Throws
   * `Unavailable` or what `fetch` throws: nothing is lost then, call it again later.
   */
  sync(): Promise<void> {
    this.again = true;
    this.running ??= this.rounds().finally(() => (this.running = null));
    return this.running;
  }

  private async rounds(): Promise<void> {
    for (let repaired = false; ; ) {
      this.again = false;
      const sent = await this.alone(async () => this.take());
      const response = await call(this.options, '/v1/sync', {
        protocol: 1, schema: this.options.schema, cursor: this.copy.state.cursor,
        client_time: this.options.now(), mutations: sent.map((entry) => entry.mutation),
      });
      if (response.status === 413 && sent.length > 0) {
        await this.alone(async () => this.tooLarge(sent));
        continue;
      }
      const answer: Answer = await json(response);
      const more = await this.alone(async () => this.answered(answer));
      if (answer.reset) await this.beginAnew();
      else if (answer.digest && answer.digest !== (await this.alone(() => this.copy.digest(this.options.sha256)))) {
        if (repaired) throw new Unavailable('the copy differs from the server, even after a repair');
        repaired = true;
        await this.repair();
      } else if (!more && !this.again) return void (this.running = null);
    }
  }

  /** What goes into the next request: of every record the oldest mutation; groups whole or not at all. */
  private take(): Entry[] {
    const open = [...this.copy.outbox].filter(([, entry]) => entry.progress !== 'done');
    const groups = new Map<string, { ready: boolean; members: [number, Entry][] }>();
    const first = new Map<string, string>();
    for (const [number, entry] of open) {
      const name = groupOf(entry);
      const group = groups.get(name) ?? { ready: true, members: [] };
      if (!first.has(entry.key)) first.set(entry.key, name);
      group.ready &&= first.get(entry.key) === name;
      group.members.push([number, entry]);
      groups.set(name, group);
    }
    // Groups that wait for each other: the oldest goes first.
    const [oldest] = groups.values();
    if (oldest && ![...groups.values()].some(({ ready }) => ready)) oldest.ready = true;
    const going: [number, Entry][] = [];
    let bytes = 0;
    for (const { ready, members } of groups.values()) {
      if (!ready) continue;
      bytes += new TextEncoder().encode(JSON.stringify(members)).length;
      if (going.length > 0 && (going.length + members.length > this.most || bytes > MAX_BYTES)) break;
      going.push(...members);
    }
    // From now on they never change: the server may carry them out, whether or not it answers.
    return going.map(([number, entry]) => this.copy.put(number, { ...entry, progress: 'sent' }));
  }

  /** Results first, then changes, then the cursor, all in one write. Says whether to go on at once. */
  private answered(answer: Answer): boolean {
    this.most = Math.min(this.most * 2, MAX_MUTATIONS);
    for (const result of answer.results) this.settle(result);
    if (answer.reset) return true;
    for (const change of answer.changes) this.copy.keep(change);
    this.copy.set({ cursor: answer.cursor, resets: 0 });
    for (const [number, entry] of this.copy.outbox) {
      const arrived = !answer.has_more || (this.copy.table.get(entry.key)?.rev ?? 0) >= entry.rev;
      if (entry.progress === 'done' && arrived) this.copy.put(number, undefined);
    }
    return answer.has_more || this.copy.outbox.size > 0;
  }

  private settle(result: Answer): void {
    const found = [...this.copy.outbox].find(([, { mutation }]) => mutation.mid === result.mid);
    if (!found) return;
    const [number, entry] = found;
    const { c, id } = entry.mutation;
    if (result.deleted) this.copy.drop(entry.key);
    if (result.record) this.copy.keep({ c, id, rev: result.record.rev, doc: result.record, extra: result.extra });
    // An answer was lost before. What became of the mutation is inside; the record beside it is of now.
    const was: Answer = result.status === 'duplicate' ? result.original : result;
    if (was.status !== 'rejected' && was.status !== 'blocked') {
      this.copy.put(number, { ...entry, progress: 'done', rev: was.rev ?? 0 });
      return;
    }
    this.copy.put(number, undefined);
    const { status, error: { code = '', detail = '' } = {}, conflicts = [] } = was;
    this.options.refused({ mutation: entry.mutation, status, code, detail, conflicts });
  }

  /** The server takes less at once than thought: sends fewer, gives up what is too large by itself. */
  private tooLarge(sent: Entry[]): void {
    this.most = Math.max(1, Math.floor(sent.length / 2));
    if (new Set(sent.map(groupOf)).size > 1) return;
    const error = { code: 'body_too_large', detail: 'the server does not take as much at once' };
    for (const { mutation } of sent) this.settle({ mid: mutation.mid, status: 'rejected', error });
  }

  /** The cursor is of no use: replaces the table, keeps the outbox. Twice in a row, it takes its time. */
  private async beginAnew(): Promise<void> {
    if (this.copy.state.resets > 0) await this.options.sleep(backoff(this.copy.state.resets));
    const lines = await this.snapshot();
    await this.alone(async () => {
      for (const key of [...this.copy.table.keys()]) this.copy.drop(key);
      for (const line of lines.slice(1, -1)) this.copy.keep(line);
      this.copy.set({ cursor: lines[0]?.cursor, resets: this.copy.state.resets + 1 });
      for (const [number, entry] of this.copy.outbox) if (entry.progress === 'done') this.copy.put(number, undefined);
      // What was never sent builds upon nothing that the server might have lost.
      const left = new Set(this.copy.entries().map((entry) => entry.mutation.mid));
      for (const [number, entry] of this.copy.outbox) {
        const { after, ...mutation } = entry.mutation;
        if (entry.progress === 'pending' && after && !left.has(after)) this.copy.put(number, { ...entry, mutation });
      }
    });
  }

  /** The table has drifted: drops what is gone, takes over what differs. */
  private async repair(): Promise<void> {
    const revs: Answer = await json(await call(this.options, '/v1/sync/revs'));
    const named = new Map<string, number>(revs.items.map((it: Answer) => [`${it.c}/${it.id}`, it.rev]));
    const lines = await this.snapshot();
    await this.alone(async () => {
      for (const [key, stored] of [...this.copy.table]) if (stored.doc && !named.has(key)) this.copy.drop(key);
      for (const line of lines.slice(1, -1)) {
        // Here alone an older revision may win: the newer one was lost by a restore.
        if (this.copy.table.get(`${line.c}/${line.id}`)?.rev !== line.rev) this.copy.keep(line, true);
      }
    });
  }

  private async snapshot(): Promise<any[]> {
    const response = await call(this.options, '/v1/sync/snapshot');
    if (!response.ok) await json(response);
    const lines = (await response.text()).trimEnd().split('\n').map((line) => JSON.parse(line));
    if (!lines.at(-1)?.end) throw new Unavailable('the snapshot was cut off');
    return lines;
  }

  /**
   * Follows the live stream until `signal` says stop, and syncs at every poke. Opens it again whenever it
   * breaks. A poke comes at once on every connection, so nothing has to be replayed. Throws `SignedOut`.
   */
  async follow(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        for await (const { name } of events(this.options, '/v1/sync/stream', signal)) {
          if (name === 'poke') await this.sync();
          failures = 0;
        }
      } catch (error) {
        if (error instanceof SignedOut) throw error;
      }
      if (!signal.aborted) await this.options.sleep(backoff(failures), signal);
    }
  }

  /** One step after the other, each stored as a whole before the next begins. */
  private alone<T>(step: () => Promise<T>): Promise<T> {
    const result = this.queue.then(async () => {
      const answer = await step();
      if (await this.copy.save()) this.options.changed();
      return answer;
    });
    this.queue = result.catch(() => {});
    return result;
  }

  /** A UUID version 7: sorted by time, from a clock that may be wrong. */
  private uuid(): string {
    const bytes = this.options.random(new Uint8Array(16));
    const time = Math.max(0, Math.floor(this.options.now())).toString(16).padStart(12, '0').slice(-12);
    bytes[6] = 0x70 | (bytes[6]! & 0x0f);
    bytes[8] = 0x80 | (bytes[8]! & 0x3f);
    const digits = time + hex(bytes.slice(6));
    return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => digits.slice(from, to)).join('-');
  }
}

/** What goes together with a mutation: its group, or it alone. */
function groupOf({ mutation }: Entry): string {
  return mutation.txn ? `txn ${mutation.txn}` : mutation.mid;
}
