// What people do with their phones. Whatever they type is a word that nobody typed before, so that it can be
// found again wherever it went.

const TOO_LONG = ' y'.repeat(150);

export class Person {
  constructor(random, phones) {
    this.random = random;
    this.phones = phones;
    /** `{ word, phone, c, id, field }` of everything that was typed. */
    this.typed = [];
    /** Words that whoever typed them took away again, alone or with their record. */
    this.undone = new Set();
    this.ids = 0;
  }

  /** One thing on one phone; says what it was. */
  async act(phone) {
    const { random } = this;
    const jobs = await phone.all('opportunities');
    const notes = await phone.all('follow_ups');
    if (jobs.length === 0 || (this.ids < 12 && random.chance(12))) return this.makeJob(phone);
    if (notes.length === 0 || (this.ids < 12 && random.chance(12))) return this.makeNote(phone, random.pick(jobs));
    const [c, doc] = random.chance(55) ? ['opportunities', random.pick(jobs)] : ['follow_ups', random.pick(notes)];
    if (random.chance(6)) return this.remove(phone, c, doc);
    return c === 'opportunities' ? this.editJob(phone, doc) : this.editNote(phone, doc);
  }

  async makeJob(phone) {
    const id = this.newId('job');
    const word = (field) => this.word(phone, 'opportunities', id, field);
    await phone.create('opportunities', id, {
      employer: word('employer'), role: word('role'), notes: `${word('notes')} ${word('notes')}`,
      via_agency: false, tags: [],
    });
    return `makes ${id}`;
  }

  async makeNote(phone, job) {
    const id = this.newId('note');
    const word = (field) => this.word(phone, 'follow_ups', id, field);
    await phone.create('follow_ups', id, {
      opportunity_id: job.id, action_key: `${job.id}/custom/${id}/self`, kind: 'custom', status: 'open',
      title: word('title'), due_at: '2036-05-08T14:00:00.000Z', body: `${word('body')} ${word('body')}`,
    });
    return `makes ${id} of ${job.id}`;
  }

  async editJob(phone, doc) {
    const { random } = this;
    const [c, { id }] = ['opportunities', doc];
    const field = random.pick(['employer', 'role', 'notes', 'notes', 'notes', 'tags', 'via_agency']);
    if (field === 'via_agency') return this.edit(phone, c, doc, { via_agency: !doc.via_agency });
    if (field === 'notes') return this.edit(phone, c, doc, { notes: this.rewritten(phone, c, doc, 'notes') });
    if (field === 'tags') {
      const tags = [...(doc.tags ?? [])];
      if (tags.length > 0 && random.chance(35)) tags.splice(random.below(tags.length), 1);
      else tags.push(this.word(phone, c, id, 'tags'));
      return this.edit(phone, c, doc, { tags });
    }
    const long = random.chance(8) ? TOO_LONG : '';
    return this.edit(phone, c, doc, { [field]: this.word(phone, c, id, field) + long });
  }

  async editNote(phone, doc) {
    const { random } = this;
    const c = 'follow_ups';
    if (random.chance(12)) {
      return this.edit(phone, c, doc, { status: random.pick(['sent', 'sent', 'skipped', 'open']) });
    }
    if (random.chance(35)) return this.edit(phone, c, doc, { title: this.word(phone, c, doc.id, 'title') });
    return this.edit(phone, c, doc, { body: this.rewritten(phone, c, doc, 'body') });
  }

  async edit(phone, c, doc, fields) {
    for (const [field, value] of Object.entries(fields)) this.undo(phone, c, doc.id, field, JSON.stringify(value));
    await phone.edit(c, doc.id, fields);
    return `edits ${doc.id}: ${JSON.stringify(fields).slice(0, 90)}`;
  }

  async remove(phone, c, doc) {
    this.undo(phone, c, doc.id, undefined, '');
    await phone.remove(c, doc.id);
    return `deletes ${doc.id}`;
  }

  /** A text with a word more, less or other than before. */
  rewritten(phone, c, doc, field) {
    const { random } = this;
    const words = (doc[field] ?? '').split(' ').filter((word) => word !== '');
    const at = random.below(words.length + 1);
    const roll = random.below(10);
    if (roll < 2 && words.length > 2) words.splice(Math.min(at, words.length - 1), 1);
    else words.splice(at, roll < 4 && at < words.length ? 1 : 0, this.word(phone, c, doc.id, field));
    return words.join(' ');
  }

  /** Notes which of this phone's own words in a field are not in `text` any more. */
  undo(phone, c, id, field, text) {
    const left = new Set(text.match(/\bw\d+\b/g));
    for (const it of this.typed) {
      const here = it.phone === phone && it.c === c && it.id === id && (field === undefined || it.field === field);
      if (here && !left.has(it.word)) this.undone.add(it.word);
    }
  }

  word(phone, c, id, field) {
    const word = `w${this.typed.length + 1}`;
    this.typed.push({ word, phone, c, id, field });
    return word;
  }

  newId(kind) {
    this.ids += 1;
    return `${kind}-${this.ids}`;
  }
}
