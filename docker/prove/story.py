"""What two nodes, PostgreSQL and the proxy of compose.yaml go through together.

Must never be content with an answer that a client would not be content with.
"""

import shutil
import signal
import time

import namespaces
import web
from compose import Project, describe
from containers import Networks, running
from image import say

PROXY = "http://172.31.77.2:8080"
NODES = {"node-1": "http://172.31.77.11:8080", "node-2": "http://172.31.77.12:8080"}


def prove(root, path, own, work):
    """Starts everything in the order of the file and plays the story."""
    say(f"\n== {path.relative_to(root)}: two nodes, PostgreSQL and the proxy ==")
    shutil.rmtree(work / "compose", ignore_errors=True)
    project = Project(path, *own, work / "compose")
    with Networks(project.subnets) as networks:
        services = {}
        with running(services.values()):
            start(project, networks, services)
            tokens = [web.register(PROXY, f"person-{number}") for number in range(4)]
            live(tokens[0])
            refuse_what_is_too_large(tokens[0])
            restart_one_after_the_other(project, services, tokens)
            kill_one(project, services, tokens)
            lose_the_database(project, services, tokens)
            put_back(project, services, tokens[0])
            stop(services)


def start(project, networks, services):
    passwords = project.container("passwords", networks).start()
    if passwords.outer.wait(timeout=30):
        raise SystemExit(f"passwords: {passwords.log.read_text()}")
    say("passwords: made")
    for names in (["postgres"], ["node-1", "node-2"], ["proxy"]):
        for name in names:
            services[name] = project.container(name, networks).start()
        for name in names:
            if name != "proxy":
                took = services[name].wait_until_well(project.check(name))
                say(f"{name}: healthy after {took:.1f} s: {describe(services[name])}")
    until = time.monotonic() + 30
    while status(f"{PROXY}/readyz") != 200:
        if time.monotonic() > until:
            raise SystemExit(f"the proxy does not answer:\n{services['proxy'].log.read_text()[-3000:]}")
        time.sleep(0.2)
    say(f"proxy: answers: {describe(services['proxy'])}")
    logs = "".join(services[name].log.read_text() for name in NODES)
    if "ERROR" in logs:
        raise SystemExit(logs)


def status(url):
    """The status of an address; 0 when nobody answers."""
    try:
        return web.ask(url, timeout=5)[0]
    except OSError:
        return 0


def live(token):
    """Streams on each node and through the proxy hear of a write on either node."""
    streams = {name: web.Stream(url, token) for name, url in {**NODES, "proxy": PROXY}.items()}
    for stream in streams.values():
        if not stream.wait_for(1):
            raise SystemExit("a stream says nothing")
    for writer in NODES:
        seen = {name: len(stream.pokes) for name, stream in streams.items()}
        code, _ = web.create(NODES[writer], token, f"on-{writer}")
        written = time.monotonic()
        for name, stream in streams.items():
            if code != 201 or not stream.wait_for(seen[name] + 1):
                raise SystemExit(f"{name} does not hear of what {writer} wrote ({code})")
        late = {name: f"{(stream.pokes[seen[name]][1] - written) * 1000:.0f} ms" for name, stream in streams.items()}
        say(f"written on {writer}, poked after its answer on: {late}")


def refuse_what_is_too_large(token):
    """More than any node takes does not get past the proxy; what a node takes does."""
    answers = {}
    for megabytes in (3, 35):
        try:
            body = b" " * megabytes * 1_000_000
            answers[megabytes] = web.ask(
                f"{PROXY}/v1/account/import", "POST", body, token, content_type="application/x-ndjson"
            )[0]
        except OSError:
            answers[megabytes] = "refused"  # The proxy closes while the client still sends.
    say(f"imports of so many MB through the proxy are answered: {answers}")
    if answers[3] not in (200, 400, 422) or answers[35] not in (413, "refused"):
        raise SystemExit("limits of bodies are wrong")


def restart_one_after_the_other(project, services, tokens):
    """Both nodes are stopped and started again, while clients write without a pause."""
    with web.Writers(PROXY, tokens) as writers:
        for name in [*NODES, *NODES]:
            time.sleep(1)
            code, took = services[name].end()
            began = time.monotonic()
            services[name].start().wait_until_well(project.check(name))
            say(f"{name}: code {code} after {took:.1f} s, healthy again after {time.monotonic() - began:.1f} s")
            time.sleep(2)
    report("rolling restart", writers, tokens)
    if writers.failed:
        raise SystemExit(f"requests failed: {writers.failed[:5]}")


def kill_one(project, services, tokens):
    """One node dies without a word in the middle of the work."""
    with web.Writers(PROXY, [web.register(PROXY, f"survivor-{number}") for number in range(4)]) as writers:
        time.sleep(1)
        services["node-1"].end(signal.SIGKILL)
        time.sleep(3)
        services["node-1"].start().wait_until_well(project.check("node-1"))
    report("node-1 killed", writers, list(writers.tokens))


def lose_the_database(project, services, tokens):
    """PostgreSQL restarts: nodes are not ready, then ready again, without a restart of theirs."""
    services["postgres"].end(signal.SIGINT)
    not_ready = {name: status(f"{url}/readyz") for name, url in NODES.items()}
    unhealthy = {name: not services[name].is_well(project.check(name)) for name in NODES}
    services["postgres"].start().wait_until_well(project.check("postgres"))
    began = time.monotonic()
    while any(status(f"{url}/readyz") != 200 for url in [*NODES.values(), PROXY]):
        time.sleep(0.1)
        if time.monotonic() - began > 30:
            raise SystemExit("a node does not come back")
    say(
        f"without PostgreSQL: /readyz {not_ready}, unhealthy {unhealthy}; "
        f"ready again {time.monotonic() - began:.1f} s after it"
    )
    if set(not_ready.values()) != {503} or not all(unhealthy.values()):
        raise SystemExit("a node says that it is ready without its database")


def put_back(project, services, token):
    """The backup of README.md is taken, more is written, and what was backed up is put back."""
    web.create(PROXY, token, "before-the-backup")
    database = services["postgres"]
    command = "export PGPASSWORD=$(cat /passwords/superuser); exec {} --host=127.0.0.1 --username=postgres {}"

    def tool(name, options, **streams):
        words = ["sh", "-c", command.format(name, options)]
        namespaces.run(database.place, words, database.variables, check=True, **streams)

    file = project.work / "afterview.dump"
    with file.open("wb") as dump:
        tool("pg_dump", "--format=custom afterview", stdout=dump)
    web.create(PROXY, token, "after-the-backup")
    for name in NODES:
        services[name].end()
    with file.open("rb") as dump:
        tool("pg_restore", "--dbname=afterview --clean --if-exists", stdin=dump)
    node = services["node-1"]
    epoch = namespaces.run(
        node.place, [node.words[0], "new-epoch"], node.variables, check=True, capture_output=True, text=True
    )
    for name in NODES:
        services[name].start().wait_until_well(project.check(name))
    found = set(web.names(PROXY, token)) & {"before-the-backup", "after-the-backup"}
    status, _ = web.create(PROXY, token, "after-the-restore")
    say(
        f"backup of {file.stat().st_size} bytes put back: {epoch.stdout.strip()}; "
        f"of two records there: {found}; a write: {status}"
    )
    if found != {"before-the-backup"} or status != 201:
        raise SystemExit("the backup was not put back")


def report(what, writers, tokens):
    """Whatever was acknowledged is there once, and nothing was lost."""
    for token in tokens:
        found = [name for name in web.names(PROXY, token) if name.startswith("job-")]
        missing = set(writers.written[token]) - set(found)
        if missing or len(found) != len(set(found)):
            raise SystemExit(f"{what}: missing {sorted(missing)[:5]} of {len(found)}")
    say(
        f"{what}: {writers.total()} writes acknowledged, each there once; failed at first {len(writers.failed)}, "
        f"failed for good {len(writers.lost)}; slowest answer {writers.slowest:.2f} s {writers.failed[:3]}"
    )
    if writers.lost:
        raise SystemExit("requests failed for good")


def stop(services):
    """Everything ends in good order, the other way round."""
    for name in NODES:
        if "AFTERVIEW_TRUSTED_PROXIES" in services[name].log.read_text():
            raise SystemExit(f"{name} does not believe its proxy")
    for name, by in (
        ("proxy", signal.SIGQUIT),
        ("node-1", signal.SIGTERM),
        ("node-2", signal.SIGTERM),
        ("postgres", signal.SIGINT),
    ):
        code, took = services[name].end(by)
        say(f"{name}: ended with code {code} after {took:.1f} s")
        if code:
            raise SystemExit(services[name].log.read_text()[-2000:])
