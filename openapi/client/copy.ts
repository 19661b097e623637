/**
 * What a device keeps: the table, the outbox and the cursor, in memory and in a storage.
 *
 * The *table* is what the server said last about every record. The *outbox* is what the user did and the
 * server has not confirmed yet. What the user sees is the one laid over the other.
 *
 * It must never store one without the others, and never know how requests travel.
 */

import { overlaid, type Doc, type Json, type Mutation } from './mutations.ts';
import type { Storage } from './storage.ts';

/** What the server said last about one record; `doc` is `null` for a tombstone. */
export type Stored = { rev: number; doc: Doc | null };
/** A mutation of the outbox. `done` ones wait for their record to come down. */
export type Entry = { key: string; progress: 'pending' | 'sent' | 'done'; rev: number; mutation: Mutation };
/** Up to where changes were received; resets in a row; the number of the next entry of the outbox. */
export type State = { cursor: string | null; resets: number; next: number };
/** The state of one record, as it comes in changes, results and snapshots. */
export type Change = { c: string; id: string; rev: number; doc?: Doc; extra?: Doc; deleted?: boolean };

export class Copy {
  readonly table = new Map<string, Stored>();
  readonly outbox = new Map<number, Entry>();
  state: State = { cursor: null, resets: 0, next: 1 };
  private readonly storage: Storage;
  private readonly unsaved = new Set<string>();
  private readonly hashes = new Map<string, { rev: number; hash: bigint }>();

  private constructor(storage: Storage) {
    this.storage = storage;
  }

  /** What was stored, or an empty one. */
  static async load(storage: Storage): Promise<Copy> {
    const copy = new Copy(storage);
    for (const [key, value] of await storage.load()) {
      if (key === 'state') copy.state = value as State;
      else if (key.startsWith('outbox ')) copy.outbox.set(Number(key.slice(7)), value as unknown as Entry);
      else copy.table.set(key, value as unknown as Stored);
    }
    return copy;
  }

  /** Stores what changed, all at once; says whether anything did. */
  async save(): Promise<boolean> {
    const keys = [...this.unsaved];
    const value = (key: string) => {
      if (key === 'state') return this.state;
      return key.startsWith('outbox ') ? this.outbox.get(Number(key.slice(7))) : this.table.get(key);
    };
    if (keys.length > 0) await this.storage.write(new Map(keys.map((key) => [key, value(key) as Json | undefined])));
    this.unsaved.clear();
    return keys.length > 0;
  }

  /** A record as the user sees it: the table with the outbox laid over it. */
  record(c: string, id: string): Doc | undefined {
    const key = `${c}/${id}`;
    let doc: Doc | undefined = this.table.get(key)?.doc ?? undefined;
    for (const entry of this.entries()) {
      if (entry.key === key) doc = overlaid(doc, entry.mutation);
      // What belongs to a deleted opportunity goes with it.
      else if (entry.mutation.op === 'delete' && entry.key === `opportunities/${doc?.opportunity_id}`) doc = undefined;
    }
    return doc;
  }

  /** All records of a collection as the user sees them. */
  all(c: string): Doc[] {
    const keys = new Set([...this.table.keys(), ...this.entries().map((entry) => entry.key)]);
    const mine = [...keys].filter((key) => key.startsWith(`${c}/`)).sort();
    return mine.flatMap((key): Doc[] => {
      const doc = this.record(c, key.slice(c.length + 1));
      return doc ? [doc] : [];
    });
  }

  /** One state of one record, unless a newer one is known. */
  keep(change: Change, even_older = false): void {
    const key = `${change.c}/${change.id}`;
    if (!even_older && (this.table.get(key)?.rev ?? 0) > change.rev) return;
    this.table.set(key, { rev: change.rev, doc: change.deleted ? null : { ...change.doc, ...change.extra } });
    this.unsaved.add(key);
  }

  /** The outbox in the order in which things were done. */
  entries(): Entry[] {
    return [...this.outbox.values()];
  }

  /** Keeps an entry of the outbox, or lets go of it. */
  put<E extends Entry | undefined>(number: number, entry: E): E {
    if (entry) this.outbox.set(number, entry);
    else this.outbox.delete(number);
    this.unsaved.add(`outbox ${number}`);
    return entry;
  }

  /** Forgets a record of the table. */
  drop(key: string): void {
    this.table.delete(key);
    this.hashes.delete(key);
    this.unsaved.add(key);
  }

  set(state: Partial<State>): void {
    this.state = { ...this.state, ...state };
    this.unsaved.add('state');
  }

  /** The exclusive or over all live records of the first 8 bytes of SHA-256 of `collection:id:rev`. */
  async digest(sha256: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<string> {
    let digest = 0n;
    for (const [key, { rev, doc }] of this.table) {
      if (!doc) continue;
      let known = this.hashes.get(key);
      if (known?.rev !== rev) {
        const bytes = await sha256(new TextEncoder().encode(`${key.replace('/', ':')}:${rev}`));
        known = { rev, hash: BigInt(`0x${hex(bytes.slice(0, 8))}`) };
        this.hashes.set(key, known);
      }
      digest ^= known.hash;
    }
    return digest.toString(16).padStart(16, '0');
  }
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
