"""Plants a fault for every rule of our own of openapi/.spectral.yaml and sees each one reported.

A rule whose pattern matches nothing would pass everything; this shows that it does not.
"""

import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).parents[2] / "openapi"
SPECTRAL = FOLDER / "node_modules/.bin/spectral"


def faults(document):
    """Rule to what breaks it; each touches a place of its own."""
    paths, schemas = document["paths"], document["components"]["schemas"]
    contact = paths["/v1/contacts/{id}"]
    contacts = paths["/v1/contacts"]
    return {
        "operation-id-camel-case": lambda: contact["get"].update(operationId="get_contact"),
        "address-lower-case": lambda: paths.update({"/v1/Contacts": copy.deepcopy(contacts)}),
        "operation-one-tag": lambda: contact["put"]["tags"].append("system"),
        "operation-summary": lambda: contact["delete"].pop("summary"),
        "operation-security": lambda: contact["delete"].pop("security"),
        "request-example": lambda: contacts["post"]["requestBody"]["content"]["application/json"].pop("example"),
        "answer-example": lambda: contacts["get"]["responses"]["200"]["content"]["application/json"].pop("example"),
        "address-example": lambda: contact["patch"]["parameters"][0].pop("example"),
        "one-problem": lambda: contacts["get"]["responses"].update({"400": {"description": "Wrong."}}),
        "no-unions": lambda: schemas["Offer"]["properties"].update(
            either={"type": "string", "description": "Either.", "oneOf": [{"type": "string"}]}
        ),
        "no-type-lists-but-null": lambda: schemas["OfferPatch"]["properties"].update(
            many={"type": ["string", "integer", "null"], "description": "Many."}
        ),
        "null-only-in-patches": lambda: schemas["Offer"]["properties"].update(
            nothing={"type": ["string", "null"], "description": "Nothing."}
        ),
        "typed-members": lambda: schemas["Reply"]["properties"].update(anything={"description": "Anything."}),
        "typed-items": lambda: schemas["Reply"]["properties"].update(list={"type": "array", "description": "A list."}),
        "typed-parameters": lambda: contacts["get"]["parameters"][0].update(schema={}),
        "described-members": lambda: schemas["Reply"]["properties"].update(mute={"type": "string"}),
        "concrete-pages": lambda: schemas["ReplyPage"]["properties"]["items"].update(items={"type": "object"}),
    }


def reported(document):
    """The codes that the linter reports."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "openapi.json")
        path.write_text(json.dumps(document))
        lint = [SPECTRAL, "lint", "--ruleset", FOLDER / ".spectral.yaml", "--format", "json", "--quiet", path]
        output = subprocess.run(lint, capture_output=True, text=True, check=False).stdout
    return {result["code"] for result in json.loads(output or "[]")}


def main():
    document = json.loads((FOLDER / "openapi.json").read_text())
    planted = copy.deepcopy(document)
    plants = faults(planted)
    own = set(re.findall(r"^  ([a-z-]+):$", (FOLDER / ".spectral.yaml").read_text(), re.MULTILINE))
    if own != set(plants):
        sys.exit(f"no fault is planted for {own - set(plants)}; no such rule: {set(plants) - own}")
    for plant in plants.values():
        plant()
    found = reported(planted)
    if missed := own - found:
        sys.exit(f"not reported: {', '.join(sorted(missed))}")
    print(f"{len(own)} rules of our own report what was planted for them")


if __name__ == "__main__":
    main()
