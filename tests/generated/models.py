"""Looks through generated models for what generators make of unions and of values without a type.

A model for every schema with all its members, none that a union left behind, and no member that may be anything,
but maps of any members where the document says so.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[2]
# What generators call the classes that they make of unions, and of schemas without a name or type.
LEFTOVERS = re.compile(r"any_?of|one_?of|all_?of|inline|model_?null|model_?object|free_?form|any_?type", re.IGNORECASE)

# Folder of the models, ending; how a member of that name looks, one that may be anything, and a map of such.
LANGUAGES = {
    "kotlin": ("src/main/kotlin", ".kt", r'@Json\(name = "{}"\)', r": kotlin\.Any\b", r"Map<kotlin\.String, kotlin\.Any\??>"),
    "swift6": ("Sources/OpenAPIClient/Models", ".swift", r'case \w+ = "{0}"|case `?{0}`?$', r"var \w+: (JSONValue|Any\w*)\b", r"var \w+: \[String: JSONValue\??\]"),
    "dart": ("lib/model", ".dart", r"r'{}'", r"^  (Object|dynamic)\?? \w+;", r"^  Map<String, Object\??>\?? \w+"),
    "java": ("src/main/java", ".java", r'SERIALIZED_NAME_\w+ = "{}"', r"private Object \w+", r"private Map<String, Object> \w+"),
}


def plain(name):
    """A name as every language spells it."""
    return re.sub("[^a-z0-9]", "", name.lower())


def references(value):
    """Names of the schemas that something refers to, but a form, whose members become parameters."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "$ref":
                yield member.rsplit("/", 1)[-1]
            elif name != "application/x-www-form-urlencoded":
                yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def check_models(language, folder):
    """One line about the models; stops at a fault."""
    place, ending, member, untyped, of_any = LANGUAGES[language]
    document = json.loads((ROOT / "openapi/openapi.json").read_text())
    schemas, used = document["components"]["schemas"], set(references(document))
    sources = {plain(path.stem): path.read_text() for path in (folder / place).rglob(f"*{ending}")}
    # What the generator brings along beside the models is no model.
    names = {plain(name) for name in schemas}
    leftovers = [name for name in sources if LEFTOVERS.search(name) and not name.startswith("abstract")]
    faults = [f"left behind by a union: {name}" for name in leftovers]
    maps = 0
    for name, schema in schemas.items():
        source = sources.get(plain(name))
        members = schema.get("properties", {})
        if source is None:
            faults += [f"no model of {name}"] * bool(members and name in used)
            continue
        known = [one for one in members if not re.search(member.format(re.escape(one)), source, re.MULTILINE)]
        faults += [f"{name} has no member {one}" for one in known]
        faults += [f"{name}: {hit[0]}" for hit in re.finditer(untyped, source, re.MULTILINE)]
        free = sum(one.get("additionalProperties") is True for one in members.values())
        # A row or a document, which has any members besides those that are named.
        is_open = schema.get("additionalProperties", False) is not False
        found = len(set(re.findall(rf".*{of_any.lstrip('^')}.*", source)))
        faults += [f"{name}: {found} maps of anything instead of {free}"] * (bool(found) != bool(free) and not is_open)
        maps += free
    if faults:
        sys.exit(f"{language}:\n" + "\n".join(faults))
    return f"{len(names & set(sources))} models, none of a union; {maps} members are maps of anything"
