/**
 * What a user does, as it travels, and what a record looks like after it.
 *
 * It must never change a mutation in place: one that was sent is part of the server's memory.
 */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** The fields of a record. */
export type Doc = { [name: string]: Json };
/** A change as it travels: the `Mutation` of the OpenAPI document. */
export type Mutation = {
  mid: string; c: string; id: string; op: 'create' | 'patch' | 'delete' | 'restore' | 'action'; at: number;
  base?: number; set?: Doc; add?: Lists; remove?: Lists; text_base?: { [field: string]: string };
  action?: string; args?: Doc; after?: string; txn?: string;
};
export type Lists = { [field: string]: Json[] };
/** What the user changed: whole fields (`null` clears one), and items of sets and lists. */
export type Edit = { set?: Doc; add?: Lists; remove?: Lists };
/** What a mutation may say besides: mutations with the same `txn` stand or fall together. */
export type Together = { txn?: string };
/** What makes two items of a list the same item, where not everything does. */
const IDENTITY: { [field: string]: string[] } = {
  attendees: ['contact_id'], channels: ['kind', 'value'], talking_points: ['text'],
};
/** Where an action on a follow-up, or on a conflict, leads. */
const LEADS_TO: { [action: string]: Doc } = {
  mark_sent: { status: 'sent' }, skip: { status: 'skipped' }, reopen: { status: 'open' },
  undo_sent: { status: 'open' }, resolve: { state: 'resolved' },
};

/** A record after a mutation, as far as an app can foresee it. */
export function overlaid(before: Doc | undefined, mutation: Mutation): Doc | undefined {
  const { op, set = {}, action } = mutation;
  if (op === 'delete') return undefined;
  if (op === 'restore' || (op === 'patch' && !before)) return before;
  const doc: Doc = { id: mutation.id, ...before };
  for (const [field, value] of Object.entries(set)) {
    if (op === 'action' && field in doc) continue;
    if (value === null) delete doc[field];
    else doc[field] = value;
  }
  for (const change of ['remove', 'add'] as const) {
    for (const [field, items] of Object.entries(mutation[change] ?? {})) {
      const list = (doc[field] ?? []) as Json[];
      doc[field] = items.reduce<Json[]>((list, item) => changed(list, field, item, change), list);
    }
  }
  return { ...doc, ...(action && LEADS_TO[action]) };
}

/** `edit`, a patch, folded into `into`, a create or patch that was never sent. */
export function folded(into: Mutation, edit: Mutation): Mutation {
  const set = { ...into.set, ...edit.set };
  const lists = { add: { ...into.add }, remove: { ...into.remove } };
  for (const field of Object.keys(edit.set ?? {})) for (const part of [lists.add, lists.remove]) delete part[field];
  for (const [change, opposite] of [['remove', 'add'], ['add', 'remove']] as const) {
    for (const [field, items] of Object.entries(edit[change] ?? {})) {
      // Nothing is there yet to which it could be added.
      if (into.op === 'create') set[field] ??= [];
      for (const item of items) {
        if (Array.isArray(set[field])) {
          set[field] = changed(set[field], field, item, change);
          continue;
        }
        if (lists[opposite][field]) lists[opposite][field] = changed(lists[opposite][field], field, item, 'remove');
        lists[change][field] = changed(lists[change][field] ?? [], field, item, 'add');
      }
    }
  }
  // The text that the first of the folded edits began with.
  const text_base = { ...edit.text_base, ...into.text_base };
  for (const field of Object.keys(into.set ?? {})) if (!into.text_base?.[field]) delete text_base[field];
  const parts = Object.entries({ ...lists, text_base }).filter(([, part]) => Object.keys(part).length > 0);
  const { add, remove, text_base: _, ...rest } = into;
  return { ...rest, at: edit.at, set, ...Object.fromEntries(parts) };
}

function changed(list: Json[], field: string, item: Json, change: 'add' | 'remove'): Json[] {
  const names = IDENTITY[field];
  const named = (it: Json) => JSON.stringify(names ? names.map((name) => (it as Doc)[name]) : it);
  const others = list.filter((other) => named(other) !== named(item));
  return change === 'add' ? [...others, item] : others;
}

