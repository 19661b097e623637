"""What Schemathesis does not know of this server: who says farewell, lines of JSON, and what no schema can say."""

import functools
import json
import os
import re
import sys
import time

import schemathesis

sys.path.insert(0, os.environ["AFTERVIEW_TESTS"])
from served import post  # noqa: E402

URL = os.environ["AFTERVIEW_URL"]

# These end a session or an account, or change who it belongs to.
FAREWELLS = {"logout", "deleteAccount", "changePassword", "upgradeAccount", "endSession", "updateAccount"}

# Faults that no schema can say: each needs another field, another record, the calendar or the clock. `format` is
# that of names of zones and calendars, of addresses, and of days that no month has.
BEYOND_SCHEMAS = {"inconsistent", "unknown_reference", "transition", "range", "format", "duplicate"}

# Refusals of requests that are right in themselves.
BEYOND_REQUESTS = {"validation_failed", "invalid_cursor", "limit_exceeded", "idempotency_key_reused"}


@functools.lru_cache(maxsize=2)
def signed_in(_spell):
    return post(f"{URL}/v1/auth/login", json.loads(os.environ["AFTERVIEW_CANDIDATE"]))["access_token"]


def candidate():
    """A token of the candidate; it works for a quarter of an hour, and is used for ten minutes."""
    return signed_in(time.monotonic() // 600)


@schemathesis.auth(refresh_interval=None)
class Caller:
    """The candidate; whoever says farewell is somebody of their own, so that the other requests go on."""

    def get(self, case, context):
        if context.operation.definition.raw.get("operationId") in FAREWELLS:
            return post(f"{URL}/v1/auth/guest", {})["access_token"]
        return candidate()

    def set(self, case, token, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """A text goes as it is; anything else as one line of JSON."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode() + b"\n"


@schemathesis.check
def what_fits_the_schema_is_refused_only_for_what_no_schema_says(context, response, case):
    """A fault of type, length, pattern or spelling would stand in the document."""
    if not (case.meta and case.meta.generation.mode.is_positive and response.status_code in (400, 422)):
        return
    if "problem+json" not in "".join(response.headers.get("content-type", [])):
        return
    problem = response.json()
    if problem["code"] == "invalid_parameter" and (beyond_parameters(problem["detail"]) or misses_pattern(case)):
        return
    assert problem["code"] in BEYOND_REQUESTS, f"{problem['code']}: {problem['detail']}"
    wrong = [error for error in problem.get("errors", []) if not beyond_schemas(error)]
    assert not wrong, f"the document allows what is refused: {wrong}"


def beyond_parameters(detail):
    """Names of a record with its collection, of several collections, of fields; years of which nobody plans; the two
    ends of a period."""
    names = ("`after`", "`collections`", "`tables`", "`clear`", "`from` must not come after")
    return detail.startswith(names) or "the year must be between" in detail


def misses_pattern(case):
    """Whether a header is not as the document says: patterns of headers are not heeded when they are made up."""
    parameters = case.operation.definition.raw.get("parameters", [])
    patterns = {one["name"].lower(): one["schema"].get("pattern", "") for one in parameters if one["in"] == "header"}
    sent = {name.lower(): str(value) for name, value in (case.headers or {}).items()}
    return any(not re.search(pattern, sent[name]) for name, pattern in patterns.items() if name in sent)


def beyond_schemas(error):
    """Whether a fault is none of the document's."""
    code, pointer = error["code"], error["pointer"]
    # What is patched into an object may lack what is not there yet; the fields of a decision are of any collection.
    inside = pointer.count("/") > 1 and (code == "required" or pointer.startswith("/set/"))
    # An interview needs an opportunity, or one to be made; a calendar is one of hundreds; where events are sent, the
    # operator decides.
    said = {("required", "opportunity_id"), ("not_allowed", "calendar"), ("not_allowed", "url")}
    other = (code, pointer.rsplit("/", 1)[-1]) in said
    return code in BEYOND_SCHEMAS or inside or other


@schemathesis.hook
def filter_case(context, case):
    """A `null` for what may be left out is read as leaving it out: clients that cannot leave out send it. The types
    of the document do not say so, or every member of a client would be nullable."""
    negative = case.meta and case.meta.generation.mode.is_negative
    return not (negative and isinstance(case.body, dict) and holds_null(case.body))


def holds_null(value):
    if isinstance(value, dict):
        return any(holds_null(member) for member in value.values())
    return value is None
