"""Compares schemas: one that is sent may only grow, one that is read may only say the same or less.

Must never follow one pair of names twice: records refer to each other.
"""

ALL = {"string", "integer", "number", "boolean", "array", "object", "null"}
# A limit that may rise, or fall, for what is sent.
AT_MOST = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
AT_LEAST = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")


class Shapes:
    """Schemas of two documents."""

    def __init__(self, old, new, found):
        self.old, self.new, self.found = old, new, found
        self.seen = set()

    def sent(self, old, new, where):
        """What clients send."""
        self.compare(old, new, where, "sent")

    def read(self, old, new, where):
        """What clients read."""
        self.compare(old, new, where, "read")

    def followed(self, old, new):
        """Both without references."""
        return follow(self.old, old), new and follow(self.new, new)

    def compare(self, old, new, where, side):
        names = (old.get("$ref"), new.get("$ref"))
        if all(names):
            if names[0] != names[1]:
                self.found.append(f"{where}: {last(names[0])} is called {last(names[1])}")
            if (*names, side) in self.seen:
                return
            self.seen.add((*names, side))
            where = last(names[0])
        old, new = self.followed(old, new)
        self.types(old, new, where, side)
        if side == "sent":
            self.narrowed(old, new, where)
        self.members(old, new, where, side)
        for inner in ("items", "additionalProperties"):
            then, now = old.get(inner), new.get(inner)
            if isinstance(then, dict) and isinstance(now, dict):
                self.compare(then, now, f"{where}[]", side)
            elif then != now and not (side == "sent" and then is False or side == "read" and inner != "items"):
                self.found.append(f"{where}: {inner} was {then} and is {now}")

    def types(self, old, new, where, side):
        then, now = types(old), types(new)
        fits = now >= then if side == "sent" else now <= then
        if not fits:
            self.found.append(f"{where}: the type was {sorted(then)} and is {sorted(now)}, {side}")
        if old.get("format") != new.get("format"):
            self.found.append(f"{where}: the format was {old.get('format')} and is {new.get('format')}")
        then, now = (set(map(str, one["enum"])) if "enum" in one else None for one in (old, new))
        closed = then is None and now is not None if side == "sent" else then is not None and now is None
        fewer = then is not None and now is not None and not (now >= then if side == "sent" else now <= then)
        if closed or fewer:
            self.found.append(f"{where}: the words were {listed(then)} and are {listed(now)}, {side}")

    def narrowed(self, old, new, where):
        for limit in AT_MOST + AT_LEAST:
            then, now = old.get(limit), new.get(limit)
            tighter = now is not None and (then is None or (now < then if limit in AT_MOST else now > then))
            if tighter:
                self.found.append(f"{where}: {limit} was {then} and is {now}")
        if "pattern" in new and new["pattern"] != old.get("pattern"):
            self.found.append(f"{where}: the pattern was {old.get('pattern')} and is {new['pattern']}")
        if new.get("uniqueItems") and not old.get("uniqueItems"):
            self.found.append(f"{where}: items must differ now")

    def members(self, old, new, where, side):
        then, now = old.get("properties", {}), new.get("properties", {})
        self.found += [f"{where}: the member {name} is gone, {side}" for name in then if name not in now]
        needed, still = set(old.get("required", [])), set(new.get("required", []))
        if side == "sent":
            self.found += [f"{where}: {name} is required now" for name in sorted(still - needed)]
        else:
            self.found += [f"{where}: {name} may be absent now" for name in sorted(needed - still) if name in now]
        for name in then:
            if name in now:
                self.compare(then[name], now[name], f"{where}.{name}", side)


def follow(document, value):
    while "$ref" in value:
        place = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        value = place
    return value


def types(schema):
    kind = schema.get("type", ALL)
    kinds = {kind} if isinstance(kind, str) else set(kind)
    return kinds | {"integer"} if "number" in kinds else kinds


def last(reference):
    return reference.rsplit("/", 1)[-1]


def listed(words):
    return "any" if words is None else ", ".join(sorted(words))
