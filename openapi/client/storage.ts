/** Where a client keeps everything. */

import type { Json } from './mutations.ts';

/** Where everything is kept: keys with JSON values. */
export interface Storage {
  /** All entries. */
  load(): Promise<Map<string, Json>>;
  /** Writes all of these or none; `undefined` deletes. Must be durable when it returns. */
  write(changes: Map<string, Json | undefined>): Promise<void>;
}

/** A storage that forgets everything with the process: for tests. */
export class MemoryStorage implements Storage {
  entries = new Map<string, string>();
  async load() {
    return new Map([...this.entries].map(([key, text]) => [key, JSON.parse(text) as Json]));
  }
  async write(changes: Map<string, Json | undefined>) {
    for (const [key, value] of changes) {
      if (value === undefined) this.entries.delete(key);
      else this.entries.set(key, JSON.stringify(value));
    }
  }
}

