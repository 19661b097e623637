"""Plants every kind of break in the real document and sees it found; what is only added passes."""

import copy
import json
import unittest

from breaking import FOLDER, breaks

DOCUMENT = json.loads((FOLDER / "openapi.json").read_text())
STRING = {"type": "string", "description": "Something."}


def contact(document, method="get"):
    return document["paths"]["/v1/contacts/{id}"][method]


def member(document, schema, name):
    return document["components"]["schemas"][schema]["properties"][name]


def schema(document, name):
    return document["components"]["schemas"][name]


def rename(document, old, new):
    text = json.dumps(document).replace(f'schemas/{old}"', f'schemas/{new}"')
    document.update(json.loads(text))
    schemas = document["components"]["schemas"]
    schemas[new] = schemas.pop(old)


# What is done to the document, and words of what must be said about it.
BREAKS = {
    "a removed address": (lambda d: d["paths"].pop("/v1/agenda"), "the address /v1/agenda is gone"),
    "a removed operation": (lambda d: d["paths"]["/v1/contacts/{id}"].pop("put"), "PUT /v1/contacts/{id}: the operation is gone"),
    "a renamed operation": (lambda d: contact(d).update(operationId="readContact"), "operationId was getContact"),
    "another tag": (lambda d: contact(d).update(tags=["people"]), "tags was ['contacts']"),
    "a removed parameter": (lambda d: contact(d, "patch")["parameters"].pop(1), "('query', 'clear') is gone"),
    "a parameter that is required": (lambda d: contact(d, "patch")["parameters"][1].update(required=True), "('query', 'clear') is required"),
    "a new required parameter": (lambda d: contact(d)["parameters"].append({"name": "x", "in": "query", "required": True, "schema": STRING}), "('query', 'x') is required"),
    "a narrower parameter": (lambda d: contact(d, "patch")["parameters"][1]["schema"].update(maxLength=3), "maxLength was None and is 3"),
    "a removed answer": (lambda d: contact(d)["responses"].pop("200"), "the answer 200 is gone"),
    "another way to succeed": (lambda d: contact(d)["responses"].update({"202": {"description": "Later."}}), "the answer 202 is new"),
    "a removed header": (lambda d: contact(d)["responses"]["200"]["headers"].pop("ETag"), "the header ETag is gone"),
    "a removed media type of an answer": (lambda d: contact(d)["responses"]["200"].update(content={}), "the media type application/json is gone"),
    "a removed media type of a body": (lambda d: contact(d, "patch")["requestBody"]["content"].pop("application/json"), "body: the media type application/json is gone"),
    "a removed body": (lambda d: contact(d, "put").pop("requestBody"), "the body is gone"),
    "a body that is required": (lambda d: contact(d).update(requestBody={"required": True, "content": {}}), "a body is required now"),
    "another scope": (lambda d: contact(d).update(security=[{"bearer": ["account"]}]), "the token needed was"),
    "a token more": (lambda d: d["paths"]["/livez"]["get"].update(security=[{"bearer": ["read"]}]), "the token needed was []"),
    "a session needed": (lambda d: contact(d).update({"x-session-only": True}), "a personal token does not do any more"),
    "a removed member of an answer": (lambda d: schema(d, "Contact")["properties"].pop("name"), "Contact: the member name is gone, read"),
    "a removed member of a body": (lambda d: schema(d, "ContactPatch")["properties"].pop("name"), "ContactPatch: the member name is gone, sent"),
    "a member that is required": (lambda d: schema(d, "ContactCreate")["required"].append("notes"), "ContactCreate: notes is required now"),
    "a member that may be absent": (lambda d: schema(d, "Contact")["required"].remove("name"), "Contact: name may be absent now"),
    "a member that may be null": (lambda d: member(d, "Contact", "name").update(type=["string", "null"]), "Contact.name: the type was ['string'] and is ['null', 'string'], read"),
    "a member that may no more be null": (lambda d: member(d, "ContactPatch", "notes").update(type="string"), "ContactPatch.notes: the type was"),
    "another type": (lambda d: member(d, "Contact", "rev").update(type="string"), "Contact.rev: the type was ['integer']"),
    "another format": (lambda d: member(d, "Contact", "rev").update(format="int32"), "Contact.rev: the format was int64"),
    "a word less": (lambda d: member(d, "ContactCreate", "role")["enum"].pop(), "ContactCreate.role: the words were"),
    "a text that became words": (lambda d: member(d, "ContactCreate", "name").update(enum=["Anna"]), "ContactCreate.name: the words were any"),
    "a shorter text": (lambda d: member(d, "ContactCreate", "name").update(maxLength=10), "ContactCreate.name: maxLength was"),
    "a longer least": (lambda d: member(d, "ContactCreate", "name").update(minLength=2), "ContactCreate.name: minLength was 1"),
    "fewer items": (lambda d: member(d, "ContactCreate", "channels").update(maxItems=1), "ContactCreate.channels: maxItems was"),
    "a pattern": (lambda d: member(d, "ContactCreate", "name").update(pattern="^A"), "ContactCreate.name: the pattern was None"),
    "items of another kind": (lambda d: member(d, "Opportunity", "tags").update(items={"type": "integer"}), "Opportunity.tags[]: the type was"),
    "no more members of any name": (lambda d: member(d, "MutationCreate", "set").update(additionalProperties=False), "MutationCreate.set: additionalProperties was True"),
    "a renamed schema": (lambda d: rename(d, "Contact", "Person"), "Contact is called Person"),
    "a change deep inside": (lambda d: member(d, "Reason", "text").update(type="integer"), "Reason.text: the type was"),
}  # fmt: skip

ADDITIONS = {
    "an address": lambda d: d["paths"].update({"/v1/new": copy.deepcopy(d["paths"]["/v1/agenda"])}),
    "an operation": lambda d: d["paths"]["/v1/agenda"].update(put=copy.deepcopy(contact(d, "put"))),
    "a parameter": lambda d: contact(d)["parameters"].append({"name": "x", "in": "query", "schema": STRING}),
    "a member of an answer": lambda d: schema(d, "Contact")["properties"].update(nickname=STRING),
    "a member that is always there": lambda d: schema(d, "Contact")["required"].append("opportunity_id"),
    "a member of a body": lambda d: schema(d, "ContactCreate")["properties"].update(nickname=STRING),
    "a member that may be left out": lambda d: schema(d, "ContactCreate")["required"].remove("name"),
    "a word": lambda d: member(d, "ContactCreate", "role")["enum"].append("mentor"),
    "a longer text": lambda d: member(d, "ContactCreate", "name").update(maxLength=1000),
    "a way to fail": lambda d: contact(d)["responses"].update({"451": {"$ref": "#/components/responses/Problem"}}),
    "a media type": lambda d: contact(d, "put")["requestBody"]["content"].update({"application/cbor": {}}),
    "no token any more": lambda d: contact(d).update(security=[]),
    "other words of people": lambda d: contact(d).update(summary="Another summary", description="Another."),
    "a webhook": lambda d: d.setdefault("webhooks", {}).update(new={"post": {"responses": {}}}),
}


class Breaking(unittest.TestCase):
    def test_the_document_breaks_nothing_of_itself(self):
        self.assertEqual(breaks(DOCUMENT, copy.deepcopy(DOCUMENT)), [])

    def test_every_break_is_found(self):
        for name, (plant, words) in BREAKS.items():
            with self.subTest(name):
                document = copy.deepcopy(DOCUMENT)
                plant(document)
                self.assertNotEqual(document, DOCUMENT, "nothing was planted")
                found = breaks(DOCUMENT, document)
                self.assertTrue(any(words in line for line in found), f"{words}\n{found}")

    def test_what_is_only_added_passes(self):
        for name, add in ADDITIONS.items():
            with self.subTest(name):
                document = copy.deepcopy(DOCUMENT)
                add(document)
                self.assertNotEqual(document, DOCUMENT, "nothing was added")
                self.assertEqual(breaks(DOCUMENT, document), [])

    def test_what_a_webhook_brings_is_read(self):
        hook = {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Contact"}}}}}}
        old, new = (copy.deepcopy(DOCUMENT) for _ in range(2))
        for document in (old, new):
            document["paths"], document["webhooks"] = {}, {"contact.created": copy.deepcopy(hook)}
        schema(new, "Contact")["properties"].pop("name")
        self.assertIn("Contact: the member name is gone, read", breaks(old, new))
        new["webhooks"] = {}
        self.assertEqual(breaks(old, new), ["the webhook contact.created is gone"])


if __name__ == "__main__":
    unittest.main()
