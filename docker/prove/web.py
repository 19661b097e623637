"""Asks a server, as clients do: every request has a time limit, and nothing is asked twice unless somebody says so."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request


def ask(url, method="GET", body=None, token="", timeout=15, **headers):
    """Status and JSON (or text) of an answer."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if body is not None and not isinstance(body, bytes):
        body, headers["content-type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text.decode(errors="replace")


def register(url, name):
    """A new account's access token."""
    account = {"email": f"{name}@example.org", "password": "correct horse battery"}
    status, answer = ask(f"{url}/v1/auth/register", "POST", account)
    if status != 201:
        raise SystemExit(f"register: {status} {answer}")
    return answer["access_token"]


def create(url, token, name):
    """Creates an opportunity under a name of the client's own, so that doing it again does no harm."""
    job = {"id": name, "employer": "Acme", "role": "Data engineer"}
    return ask(f"{url}/v1/opportunities", "POST", job, token, Idempotency_Key=name)


def names(url, token):
    """The names of all opportunities of an account."""
    found, cursor = [], ""
    while cursor is not None:
        status, page = ask(f"{url}/v1/opportunities?limit=200{cursor}", token=token)
        if status != 200:
            raise SystemExit(f"list: {status} {page}")
        found += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page.get("next_cursor") else None
    return found


class Stream(threading.Thread):
    """Follows an account live, and notes the head of each poke with the time at which it came."""

    def __init__(self, url, token):
        super().__init__(daemon=True)
        request = urllib.request.Request(f"{url}/v1/sync/stream", headers={"authorization": f"Bearer {token}"})
        self.answer = urllib.request.urlopen(request, timeout=40)
        self.pokes = []
        self.start()

    def run(self):
        try:
            for line in self.answer:
                if line.startswith(b"data: "):
                    self.pokes.append((json.loads(line[6:])["head"], time.monotonic()))
        except (OSError, ValueError, http.client.HTTPException):
            return  # It ended with its server.

    def wait_for(self, count, within=10):
        """Waits for so many pokes."""
        until = time.monotonic() + within
        while len(self.pokes) < count and time.monotonic() < until:
            time.sleep(0.005)
        return len(self.pokes) >= count


class Writers:
    """Clients that write without a pause, and ask again what was not answered well."""

    def __init__(self, url, tokens, pause=0.04):
        self.url, self.tokens, self.pause = url, tokens, pause
        self.stop = threading.Event()
        self.written = {token: [] for token in tokens}
        self.failed, self.lost, self.slowest = [], [], 0.0
        self.threads = [threading.Thread(target=self.write, args=(token,)) for token in tokens]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def total(self):
        return sum(map(len, self.written.values()))

    def write(self, token):
        number = 0
        while not self.stop.is_set():
            number += 1
            name = f"job-{number}"
            for attempt in range(10):
                began = time.monotonic()
                try:
                    status, answer = create(self.url, token, name)
                except (OSError, http.client.HTTPException) as error:
                    status, answer = 0, error
                self.slowest = max(self.slowest, time.monotonic() - began)
                if status == 201:
                    self.written[token].append(name)
                    break
                self.failed.append((name, attempt, status, str(answer)[:200]))
                time.sleep(0.3)
            else:
                self.lost.append(name)
            time.sleep(self.pause)
