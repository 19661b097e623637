"""Web Push in other people's code: http_ece encrypts and decrypts, py_vapid signs and verifies.

Usage: web_push_peer.py read|send, a question on standard input, the answer on standard output, both
JSON; bytes are base64url. The tests of the same name run it.
"""

import base64
import json
import os
import sys
import urllib.request

import http_ece
import py_vapid
from cryptography.hazmat.primitives.asymmetric import ec


def to_bytes(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read(question):
    """What a browser makes of a body, and a push service of who sends it."""
    number = int.from_bytes(to_bytes(question["private_key"]), "big")
    message = http_ece.decrypt(
        to_bytes(question["body"]),
        private_key=ec.derive_private_key(number, ec.SECP256R1()),
        auth_secret=to_bytes(question["auth"]),
        version="aes128gcm",
    )
    authorization = question["authorization"]
    parts = dict(part.split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
    return {
        "message": json.loads(message),
        "signed": py_vapid.Vapid02.verify(authorization),
        "key": parts["k"],
        "claims": json.loads(to_bytes(parts["t"].split(".")[1])),
    }


def send(question):
    """Sends a message as an application server does."""
    body = http_ece.encrypt(
        json.dumps(question["message"]).encode(),
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=to_bytes(question["p256dh"]),
        auth_secret=to_bytes(question["auth"]),
        version="aes128gcm",
    )
    vapid = py_vapid.Vapid02()
    vapid.generate_keys()
    headers = vapid.sign({"aud": question["origin"], "sub": "mailto:tests@example.org"})
    headers |= {"Content-Encoding": "aes128gcm", "TTL": "60", "Topic": "hello"}
    request = urllib.request.Request(question["endpoint"], data=body, headers=headers)
    # Without the proxies of the environment.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        return {"status": answer.status}


def main():
    action = {"read": read, "send": send}[sys.argv[1]]
    print(json.dumps(action(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
