"""Our access tokens in other people's code: PyJWT fetches the public keys and verifies a token.

Usage: tokens_peer.py, a question on standard input, the answer on standard output, both JSON. The test of
the same name runs it. The servers of the tests live in a time of their own, so times are compared here and
not by the library's clock.
"""

import json
import sys

import jwt

# What the library compares with its own clock.
TIMELESS = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
CLAIMS = ["iss", "aud", "sub", "sid", "scope", "iat", "exp", "jti"]


def verified(question, key, **other):
    """The claims of a token, if it is what it has to be (RFC 9068)."""
    expected = {**question, **other}
    header = jwt.get_unverified_header(expected["token"])
    if header["typ"] != "at+jwt":
        raise jwt.InvalidTokenError(f"not an access token: {header['typ']}")
    claims = jwt.decode(
        expected["token"],
        key,
        algorithms=["EdDSA"],
        audience=expected["audience"],
        issuer=expected["issuer"],
        options={"require": CLAIMS, "strict_aud": True, **TIMELESS},
    )
    if not claims["iat"] <= expected["now"] < claims["exp"]:
        raise jwt.ExpiredSignatureError("not at this time")
    return claims


def refusal(question, key, **other):
    """Why a token is refused that ought to be, or that it is not."""
    try:
        verified(question, key, **other)
    except jwt.InvalidTokenError as error:
        return type(error).__name__
    return "accepted"


def main():
    question = json.load(sys.stdin)
    key = jwt.PyJWKClient(question["jwks"]).get_signing_key_from_jwt(question["token"])
    head, body, _ = question["token"].split(".")
    claims = verified(question, key)
    refused = {
        "audience": refusal(question, key, audience="another"),
        "issuer": refusal(question, key, issuer="https://another.test"),
        "later": refusal(question, key, now=claims["exp"]),
        "earlier": refusal(question, key, now=claims["iat"] - 1),
        "signature": refusal(question, key, token=f"{head}.{body}.{'A' * 86}"),
    }
    print(json.dumps({"claims": claims, "key": key.key_id, "refused": refused}))


main()
