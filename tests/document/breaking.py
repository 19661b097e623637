"""Says what of the OpenAPI document would break a client of the last release.

Usage: breaking.py [OLD NEW]. Without arguments: the newest of openapi/released against openapi/openapi.json. What a
client sends must still be taken, what it reads must still be there and of the same type, and what generators
name after the document keeps its name. See openapi/README.md for what a release does.
"""

import json
import pathlib
import sys

from shapes import Shapes

FOLDER = pathlib.Path(__file__).parents[2] / "openapi"
METHODS = ("get", "put", "post", "patch", "delete", "head", "options", "trace")


def breaks(old, new):
    """One line for each thing that breaks a client."""
    found = []
    shapes = Shapes(old, new, found)
    gone(old["paths"], new["paths"], "the address", "", found)
    for path, item in old["paths"].items():
        for method in METHODS:
            then, now = item.get(method), new["paths"].get(path, {}).get(method)
            if then and path in new["paths"]:
                where = f"{method.upper()} {path}"
                if now:
                    operation(then, now, where, shapes, found)
                else:
                    found.append(f"{where}: the operation is gone")
    webhooks(old.get("webhooks", {}), new.get("webhooks", {}), shapes, found)
    return found


def gone(old, new, what, where, found):
    """Names of `old` that `new` has no more."""
    begin = f"{where}: " if where else ""
    found += [f"{begin}{what} {name} is gone" for name in old if name not in new]


def operation(old, new, where, shapes, found):
    for name in ("operationId", "tags"):
        if old.get(name) != new.get(name):
            found.append(f"{where}: {name} was {old.get(name)} and is {new.get(name)}")
    security(old, new, where, found)
    parameters(old, new, where, shapes, found)
    body(old.get("requestBody"), new.get("requestBody"), where, shapes, found)
    responses(old["responses"], new["responses"], where, shapes, found)


def security(old, new, where, found):
    """Less may be asked for, but nothing else."""
    if new.get("security") not in (old.get("security"), []):
        found.append(f"{where}: the token needed was {old.get('security')} and is {new.get('security')}")
    if new.get("x-session-only") and not old.get("x-session-only"):
        found.append(f"{where}: a personal token does not do any more")


def parameters(old, new, where, shapes, found):
    then, now = ({(one["in"], one["name"]): one for one in side.get("parameters", [])} for side in (old, new))
    gone(then, now, "the parameter", where, found)
    for key, parameter in now.items():
        needed = parameter.get("required") and not then.get(key, {}).get("required")
        if needed:
            found.append(f"{where}: the parameter {key} is required now")
        if key in then:
            shapes.sent(then[key]["schema"], parameter["schema"], f"{where} {key}")


def body(old, new, where, shapes, found):
    if new and new.get("required") and not (old or {}).get("required"):
        found.append(f"{where}: a body is required now")
    if old and not new:
        found.append(f"{where}: the body is gone")
    if old and new:
        contents(old["content"], new["content"], f"{where} body", shapes.sent, found)


def responses(old, new, where, shapes, found):
    """Failures may come and go, as all have one shape; what succeeds is what clients rest on."""
    good = [{status: it for status, it in side.items() if status < "4"} for side in (old, new)]
    gone(*good, "the answer", where, found)
    found += [f"{where}: the answer {status} is new" for status in good[1] if status not in good[0]]
    for status in old:
        then, now = shapes.followed(old[status], new.get(status))
        if now:
            gone(then.get("headers", {}), now.get("headers", {}), "the header", f"{where} {status}", found)
            contents(then.get("content", {}), now.get("content", {}), f"{where} {status}", shapes.read, found)


def contents(old, new, where, compare, found):
    gone(old, new, "the media type", where, found)
    for media_type in old:
        if media_type in new:
            compare(old[media_type].get("schema", {}), new[media_type].get("schema", {}), where)


def webhooks(old, new, shapes, found):
    """Here the body is what we send, so a receiver reads it."""
    gone(old, new, "the webhook", "", found)
    for name, item in old.items():
        then, now = item.get("post", {}), new.get(name, {}).get("post", {})
        if then.get("requestBody") and now.get("requestBody"):
            sides = (then["requestBody"]["content"], now["requestBody"]["content"])
            contents(*sides, f"webhook {name}", shapes.read, found)


def last_release():
    """The newest version in the folder of releases."""
    return max((FOLDER / "released").glob("*.json"), key=lambda path: [int(part) for part in path.stem.split(".")])


def main():
    old, new = map(pathlib.Path, sys.argv[1:3]) if len(sys.argv) > 2 else (last_release(), FOLDER / "openapi.json")
    found = breaks(json.loads(old.read_text()), json.loads(new.read_text()))
    if found:
        sys.exit(f"{new.name} breaks clients of {old.name}:\n" + "\n".join(found))
    print(f"{new.name} breaks nothing of {old.name}")


if __name__ == "__main__":
    main()
