// Numbers that look random and are the same every time (splitmix64).

export class Random {
  constructor(seed) {
    this.state = BigInt(seed);
  }

  next() {
    const wrap = (number) => BigInt.asUintN(64, number);
    this.state = wrap(this.state + 0x9e3779b97f4a7c15n);
    let mixed = wrap((this.state ^ (this.state >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = wrap((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  }

  below(end) {
    return Number(this.next() % BigInt(end));
  }

  chance(percent) {
    return this.below(100) < percent;
  }

  pick(items) {
    return items[this.below(items.length)];
  }

  fill = (bytes) => bytes.map(() => this.below(256));
}
