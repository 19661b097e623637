"""What openapi-generator warns of, and which of it says nothing about the document."""

import re
import sys

# Pattern, and why nothing in the document could change it.
EXPECTED = {
    "all": [
        # Printed for every document of that version.
        r"OpenAPI 3\.1 support is still in beta",
        # Printed for every `additionalProperties: false`, which refuses members that are misspelt.
        r"Failed to get the schema name: null",
    ],
    "python": [
        # The first day of a report, a word of the language: the name is right on the wire, and no model is made.
        r"From \(reserved word\) cannot be used as model name",
        # Objects of any members: fields of newer apps, values in conflict.
        r"Codegen property is null \(e\.g\. map/dict of undefined type\)",
    ],
    "rust": [
        # Media types; no model is made of them.
        r"(Application|Text|Message)\S+ cannot be used as a model name",
        # `If-None-Match: *`, the one word that it may be. `use` of a JSON Web Key (RFC 7517), `type` of a problem (RFC 9457): raw names, right on the wire.
        r"\* cannot be used as a enum variant name",
        r"(use|type) cannot be used as a field/variable name",
    ],
    "swift6": [
        # The draft's `locale`.
        r"Locale \(reserved word\) cannot be used as model name",
    ],
    "dart": [
        # Lines of JSON are sent as the text that they are.
        r"The media-type 'application/x-ndjson' for operation",
    ],
    "java": [
        # An example in the document, not the code.
        r"Ignoring complex example on request body",
    ],
}


def check(language, output):
    """Stops at a warning or an error that is not expected."""
    expected = EXPECTED["all"] + EXPECTED.get(language, [])
    spoken = [line for line in output.splitlines() if re.search(r"\b(WARN|ERROR)\b", line)]
    new = [line for line in spoken if not any(re.search(pattern, line) for pattern in expected)]
    if new:
        sys.exit(f"openapi-generator says of {language}:\n" + "\n".join(sorted(set(new))))
