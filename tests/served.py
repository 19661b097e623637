"""The real server binary on a free port with an empty folder, for programs that ask it over HTTP.

Must never use a database, a port or a setting of the machine's owner.
"""

import contextlib
import json
import subprocess
import tempfile
import urllib.request


@contextlib.contextmanager
def server(binary, **settings):
    """The address of a fresh server, which ends with the block."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"AFTERVIEW_LISTEN": "127.0.0.1:0", **settings}
        running = subprocess.Popen([binary], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            yield running.stdout.readline().split()[-1]
        finally:
            running.terminate()
            running.wait()


def post(url, body):
    """The JSON answer to a POST of `body`."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
