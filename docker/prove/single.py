"""docker run with one volume and SQLite: the image, as it says itself how it wants to be run."""

import os
import shutil

import web
from containers import Container, Networks, running
from image import say
from namespaces import Place


def volume(folder, root, inside):
    """A new volume: like an engine's, it begins as the folder of the image that it covers."""
    folder.mkdir(parents=True, exist_ok=True)
    covered = root / inside.lstrip("/")
    if covered.exists() and not any(folder.iterdir()):
        there = covered.stat()
        os.chown(folder, there.st_uid, there.st_gid)
        folder.chmod(there.st_mode & 0o7777)
    return folder


def container(name, root, stage, logs, variables, **place):
    """The image's own command, under the image's own user."""
    words = stage.last("ENTRYPOINT").words() + stage.last("CMD").words()
    user, folder = stage.last("USER").text, stage.last("WORKDIR").text
    place = Place(root, folder, user, tmpfs={"/tmp": ""}, **place)
    return Container(name, place, words, {**stage.environment(), **variables}, logs)


def prove(root, stage, work):
    """Starts it, writes, stops, starts again, and finds what was written."""
    say("\n== one container, SQLite, read-only root ==")
    shutil.rmtree(work / "single", ignore_errors=True)
    logs = work / "single"
    data = volume(logs / "data", root, stage.last("VOLUME").words()[0])
    with Networks({"front": "172.31.77.0/24"}) as networks:
        options = {
            "read_only": True, "locked": True, "binds": {str(data): "/data"},
            "network": networks.join("single", {"front": "172.31.77.11"}),
        }  # fmt: skip
        server = container("server", root, stage, logs, {}, **options)
        with running([server]):
            first_life(server, stage.health())
            second_life(server, stage.health())
    say(f"data: {', '.join(sorted(str(path.relative_to(data)) for path in data.rglob('*') if path.is_file()))}")


URL = "http://172.31.77.11:8080"


def first_life(server, check):
    if server.is_well(check):
        raise SystemExit("it is well before it is there")
    took = server.start().wait_until_well(check)
    facts = server.facts()
    say(f"healthy after {took:.1f} s: {facts}")
    expected = {
        "uid": "10001",
        "gid": "10001",
        "groups": "",
        "rights": 0,
        "no_new_privileges": "1",
        "root": "read-only",
    }
    if wrong := {name: facts[name] for name, value in expected.items() if facts[name] != value}:
        raise SystemExit(f"not as promised: {wrong}")
    token = web.register(URL, "anna")
    for number in range(100):
        status, answer = web.create(URL, token, f"job-{number}")
        if status != 201:
            raise SystemExit(f"create: {status} {answer}")
    stream = web.Stream(URL, token)
    code, took = server.end()
    say(f"SIGTERM with an open stream: code {code} after {took:.1f} s")
    if code or took > 15 or not stream.pokes:
        raise SystemExit("it did not end in good order")


def second_life(server, check):
    if server.start() and server.wait_until_well(check) > 60:
        raise SystemExit("it starts too slowly")
    account = {"email": "anna@example.org", "password": "correct horse battery"}
    status, answer = web.ask(f"{URL}/v1/auth/login", "POST", account)
    found = web.names(URL, answer["access_token"]) if status == 200 else []
    say(f"after a restart: login {status}, {len(found)} of 100 records are there")
    if len(found) != 100:
        raise SystemExit("data is lost")
    code, took = server.end()
    say(f"SIGTERM: code {code} after {took:.1f} s")
