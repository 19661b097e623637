"""Containers as an engine would start them, in networks of their own, for as long as a block lasts.

Must never touch a process, an address or a network that it did not make itself.
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import namespaces

BRIDGES = "avproof"


class Networks:
    """Bridges of this machine, and the spaces of containers on them."""

    def __init__(self, subnets):
        # name -> 172.31.77.0/24
        self.subnets = subnets
        self.bridges = {name: f"{BRIDGES}{number}" for number, name in enumerate(subnets)}
        self.spaces = []

    def __enter__(self):
        for name, subnet in self.subnets.items():
            ip("link", "add", self.bridges[name], "type", "bridge")
            ip("address", "add", re.sub(r"0/", "1/", subnet), "dev", self.bridges[name])
            ip("link", "set", self.bridges[name], "up")
        return self

    def __exit__(self, *_):
        for space in self.spaces:
            ip("netns", "delete", space)
        for bridge in self.bridges.values():
            ip("link", "delete", bridge)

    def join(self, service, addresses):
        """The space of a service with these addresses, by the names of their networks."""
        space = f"{BRIDGES}-{service}"
        if space in self.spaces:
            return space
        ip("netns", "add", space)
        self.spaces.append(space)
        inside = ("netns", "exec", space, "ip")
        ip(*inside, "link", "set", "lo", "up")
        for number, (network, address) in enumerate(addresses.items()):
            outer = f"av{len(self.spaces)}-{number}"
            ip("link", "add", outer, "type", "veth", "peer", "name", f"eth{number}", "netns", space)
            ip("link", "set", outer, "master", self.bridges[network], "up")
            length = self.subnets[network].split("/")[1]
            ip(*inside, "address", "add", f"{address}/{length}", "dev", f"eth{number}")
            ip(*inside, "link", "set", f"eth{number}", "up")
        return space


def ip(*words):
    subprocess.run(["/usr/sbin/ip", *words], check=True)


class Container:
    """One started command."""

    def __init__(self, name, place, words, variables, logs):
        self.name, self.place, self.words, self.variables = name, place, words, variables
        self.log = logs / f"{name}.log"
        self.outer = None

    def start(self):
        log = self.log.open("ab")
        command = namespaces.command(self.place, self.words)
        self.outer = subprocess.Popen(
            command, env=namespaces.environment(self.variables), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        return self

    def pid(self):
        """The process on this machine that is the container's first."""
        return namespaces.first_process(self.outer)

    def end(self, by=signal.SIGTERM, within=40):
        """Tells it to end, and hands back its code and after how many seconds."""
        began = time.monotonic()
        os.kill(self.pid(), by)
        code = self.outer.wait(timeout=within)
        return code, time.monotonic() - began

    def is_well(self, words, place=None):
        """Whether a health check of these words says so."""
        checked = namespaces.run(
            place or self.place, words, self.variables, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        return checked.returncode == 0

    def wait_until_well(self, words, within=90):
        """Waits for its health check; seconds."""
        began = time.monotonic()
        while not self.is_well(words):
            if self.outer.poll() is not None or time.monotonic() - began > within:
                raise SystemExit(f"{self.name} is not well:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.2)
        return time.monotonic() - began

    def facts(self):
        """What the kernel says of its process."""
        status = pathlib.Path(f"/proc/{self.pid()}/status").read_text()
        facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        mounts = pathlib.Path(f"/proc/{self.pid()}/mountinfo").read_text().splitlines()
        root = [line.split()[5] for line in mounts if line.split()[4] == "/"][-1]
        return {
            "uid": facts["Uid"].split()[0],
            "gid": facts["Gid"].split()[0],
            "groups": facts.get("Groups", "").strip(),
            "rights": int(facts["CapEff"], 16),
            "no_new_privileges": facts["NoNewPrivs"].strip(),
            "root": "read-only" if root.split(",")[0] == "ro" else "writable",
            "memory": int(facts["VmHWM"].split()[0]) / 1024,
        }


@contextlib.contextmanager
def running(containers):
    """Ends whatever of them still runs when the block is left."""
    try:
        yield
    finally:
        for container in containers:
            if container.outer and container.outer.poll() is None:
                # With the first process of their space all others in it end.
                os.kill(container.pid(), signal.SIGKILL)
                container.outer.wait()
