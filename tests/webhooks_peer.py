"""Our webhooks in other people's code: the official library of Standard Webhooks verifies a request.

Usage: webhooks_peer.py, a question on standard input, the answer on standard output, both JSON. The test of the
same name runs it. The servers of the tests live in a time of their own, so the library is given that time.
"""

import base64
import json
import sys
from datetime import datetime, timezone
from unittest import mock

from standardwebhooks import webhooks


def verified(question, now, **other):
    """The event, if the library takes the request for ours at that time."""
    asked = {**question, **other}
    clock = mock.Mock(wraps=datetime)
    clock.now.return_value = datetime.fromtimestamp(now, tz=timezone.utc)
    with mock.patch.object(webhooks, "datetime", clock):
        return webhooks.Webhook(asked["secret"]).verify(asked["body"], asked["headers"])


def refusal(question, now, **other):
    """Why a request is refused that ought to be, or that it is not."""
    try:
        verified(question, now, **other)
    except webhooks.WebhookVerificationError as error:
        return str(error)
    return "accepted"


def main():
    question = json.load(sys.stdin)
    now, headers = question["now"], question["headers"]
    another = "whsec_" + base64.b64encode(bytes(32)).decode()
    refused = {
        "another secret": refusal(question, now, secret=another),
        "another body": refusal(question, now, body=question["body"] + " "),
        "another name": refusal(question, now, headers={**headers, "webhook-id": "x"}),
        "another time": refusal(question, now, headers={**headers, "webhook-timestamp": str(now + 1)}),
        "too late": refusal(question, now + 3600),
    }
    print(json.dumps({"event": verified(question, now), "refused": refused}))


main()
