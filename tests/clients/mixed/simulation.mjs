// One person, six phones, three libraries: random edits, deletions and rounds over a network that loses 15 of
// 100 requests and 15 of 100 answers, then rounds until it is quiet. One seed tells one story; nothing in it
// runs side by side. One phone's clock jumps by up to two years.

import assert from 'node:assert/strict';
import { NativePhone } from '../native/phone.mjs';
import { RxPhone } from '../rxdb/phone.mjs';
import { advance, phones } from '../support/server.mjs';
import { WatermelonPhone } from '../watermelondb/phone.mjs';
import { audit, everything, kindOf, seenBy } from './oracle.mjs';
import { Person } from './person.mjs';
import { Random } from './random.mjs';

const TWO_YEARS_S = 2 * 365 * 24 * 3_600;
const LOSS_PERCENT = 15;
/** Rounds after which everybody has to have everything. */
const QUIET_ROUNDS = 4;

/**
 * Tells the story of a seed and says what became of what was typed; throws if something is not as it must be.
 * With `strict`, merging is left to RxDB.
 */
export async function simulate(server, seed, steps, options = {}) {
  const story = new Story(server, seed, options);
  try {
    await story.begin();
    for (let step = 0; step < steps; step++) await story.step();
    return await story.end();
  } catch (error) {
    throw new Error(`seed ${seed} on ${server.name}:\n${story.told.join('\n')}`, { cause: error });
  } finally {
    await Promise.all(story.phones.map((phone) => phone.close()));
  }
}

class Story {
  constructor(server, seed, { strict = false }) {
    this.server = server;
    this.strict = strict;
    this.random = new Random(seed);
    this.now = Date.parse('2026-05-06T19:05:00Z');
    this.phones = [];
    this.told = [];
    this.lost = 0;
  }

  async begin() {
    const sessions = await phones(this.server, 6);
    for (const [n, session] of sessions.entries()) this.phones.push(await this.phone(n, session));
    this.person = new Person(this.random, this.phones);
  }

  async phone(n, session) {
    const random = new Random(this.random.next());
    const clock = { skew: 0 };
    const [Phone, options] = [
      [WatermelonPhone, {}],
      [RxPhone, { push: this.strict ? '&conflict=strict' : '' }],
      [NativePhone, { now: () => this.now + clock.skew, random: random.fill }],
    ][Math.floor(n / 2)];
    const phone = await Phone.open(session, options);
    phone.name = `${kindOf(phone)} ${n % 2 === 0 ? 'red' : 'blue'}`;
    phone.clock = n === 5 ? clock : undefined;
    phone.network.fate = () => {
      const roll = random.below(100);
      if (roll < 2 * LOSS_PERCENT) this.lost += 1;
      return roll < LOSS_PERCENT ? 'request' : roll < 2 * LOSS_PERCENT ? 'answer' : 'none';
    };
    return phone;
  }

  async step() {
    const { random } = this;
    const phone = random.pick(this.phones);
    await this.pass(random.below(40_000));
    if (phone.clock && random.chance(30)) phone.clock.skew = (random.below(2 * TWO_YEARS_S) - TWO_YEARS_S) * 1_000;
    if (random.chance(65)) {
      this.told.push(`${phone.name} ${await this.person.act(phone)}`);
      return;
    }
    // What was lost is tried again the next time.
    const failed = await phone.sync().then(() => '', (error) => ` (${error.message})`);
    this.told.push(`${phone.name} syncs${failed.slice(0, 60)}`);
  }

  async pass(ms) {
    this.now += ms;
    await advance(this.server, ms);
  }

  async end() {
    for (const phone of this.phones) phone.network.fate = () => 'none';
    for (let round = 0; round < QUIET_ROUNDS; round++) {
      for (const phone of this.phones) {
        await this.pass(1_000);
        await phone.sync();
      }
    }
    const [{ session }] = this.phones;
    if (this.server.clock) await session.refresh();
    const { state } = await everything(session);
    for (const phone of this.phones) {
      assert.deepEqual(await seenBy(phone), state, `${phone.name} differs from the server`);
    }
    const { vanished, destroyed, undone, fellBack, conflicts } = await audit(session, this.person);
    const show = ({ word, phone, c, id, field }) => `${word} (${phone.name}, ${c}/${id}, ${field})`;
    assert.deepEqual(vanished.map(show), [], 'what was typed has vanished');
    assert.deepEqual(fellBack, [], 'a follow-up is no longer sent');
    const requests = this.phones.reduce((sum, { network }) => sum + network.log.length, 0);
    return {
      words: this.person.typed.length, destroyed: destroyed.length, undone: undone.length,
      conflicts, requests, lost: this.lost,
    };
  }
}
