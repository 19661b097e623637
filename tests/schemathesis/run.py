"""Lets Schemathesis try every operation of the document on a real server, with all its checks.

Usage: run.py BINARY [--examples N] [more options of `st run`]. See CONTRIBUTING.md.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
from served import post, server  # noqa: E402

CANDIDATE = {"email": "candidate@example.org", "password": "correct horse battery"}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("binary", type=pathlib.Path)
    arguments.add_argument("--examples", default="3", help="random cases of each operation")
    given, more = arguments.parse_known_args()
    program = pathlib.Path(sys.executable).parent / "st"
    # Rates would end the run; the limits of an account stay.
    with server(given.binary.resolve(), AFTERVIEW_RATE_LIMITS="off", AFTERVIEW_LOG="error") as url:
        post(f"{url}/v1/auth/register", {**CANDIDATE, "time_zone": "America/New_York"})
        known = {
            "AFTERVIEW_URL": url, "AFTERVIEW_CANDIDATE": json.dumps(CANDIDATE), "AFTERVIEW_TESTS": str(HERE.parent),
        }
        command = [
            program, "--config-file", HERE / "schemathesis.toml", "run", ROOT / "openapi/openapi.json", "--url", url,
            "--max-examples", given.examples, *more,
        ]
        environment = {**os.environ, **known, "PYTHONPATH": str(HERE)}
        # What it remembers of a run stays out of the next checkout.
        kept = ROOT / "target/schemathesis"
        kept.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(command, env=environment, cwd=kept, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
