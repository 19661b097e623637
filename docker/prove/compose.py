"""The services of a compose file as containers: images, users, rights, volumes, networks, order, health checks.

Where an image cannot be fetched, Debian's package of the same program stands for it (IMAGES).
Must never read a setting from anywhere but the compose file and the image.
"""

import json
import pathlib
import re
import subprocess

import image
import namespaces
import yaml
from containers import Container
from single import volume

# Image -> the packages of Debian, what is done to them once, and what the image itself says: environment,
# entry point, command, first owners of volumes.
POSTGRES = {
    "packages": "postgresql-15",
    "before": "groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres"
    " && mkdir -p /etc/postgresql-common && echo create_main_cluster=false > /etc/postgresql-common/createcluster.conf",
    "after": "mkdir -p -m 700 /var/lib/postgresql/data && chown 999:999 /var/lib/postgresql/data",
    "environment": {
        "PATH": "/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PGDATA": "/var/lib/postgresql/data",
    },
    "entrypoint": ["sh", "/entrypoint.sh"],
    "command": ["postgres"],
}
NGINX = {
    "packages": "nginx-light",
    "before": "true",
    "after": "true",
    "environment": {},
    "entrypoint": [],
    "command": ["nginx", "-g", "daemon off;"],
}
IMAGES = {"postgres:15-bookworm": POSTGRES, "nginx:1.28-bookworm": NGINX}


def read(path):
    """The compose file with the defaults of its variables."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text())
    return yaml.safe_load(text)


def stand_in(name, work):
    """Makes the root of an image out of Debian's packages, unless an earlier run did."""
    root = work / re.sub(r"\W", "-", name)
    known = IMAGES[name]
    if not (root / "made").exists():
        image.base("debian:bookworm-slim", work)
        subprocess.run(["cp", "--archive", work / "debian-bookworm-slim", root], check=True)
        install = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {known['packages']}"
        steps = f"set -e; {known['before']}; {install}; {known['after']}; touch /made"
        place = namespaces.Place(root)
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        namespaces.run(
            place, ["/bin/sh", "-c", steps], quiet, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    image.say(f"{name}: Debian's {known['packages'].split()[0]} stands for it")
    return root


class Project:
    """All services of a compose file."""

    def __init__(self, path, own_root, own_stage, work):
        self.folder, self.work = path.parent, work
        self.text = read(path)
        self.own = own_root, own_stage
        self.subnets = {name: network["ipam"]["config"][0]["subnet"] for name, network in self.text["networks"].items()}
        work.mkdir(parents=True)

    def service(self, name):
        return self.text["services"][name]

    def container(self, name, networks):
        """The container of a service, not yet started."""
        service = self.service(name)
        root, user, folder, variables, words = self.image(name, service)
        addresses = {key: value["ipv4_address"] for key, value in (service.get("networks") or {}).items()}
        tmpfs = dict(entry.partition(":")[::2] for entry in service.get("tmpfs", []))
        place = namespaces.Place(
            root, folder, user, service["read_only"], tmpfs=tmpfs,
            binds={**self.volumes(service, root), **self.hosts(addresses)},
            network=networks.join(name, addresses), locked=True,
        )  # fmt: skip
        variables |= service.get("environment", {})
        return Container(name, place, words, variables, self.work)

    def image(self, name, service):
        """Root, user, folder, environment and command of a service."""
        if "build" in service:
            root, stage = self.own
            words = stage.last("ENTRYPOINT").words() + stage.last("CMD").words()
            return root, stage.last("USER").text, stage.last("WORKDIR").text, stage.environment(), words
        # A root of its own for every service: the files that an engine puts there differ.
        root = self.work / f"root-{name}"
        subprocess.run(["cp", "--archive", stand_in(service["image"], self.work.parent), root], check=True)
        known = IMAGES[service["image"]]
        words = service.get("entrypoint", known["entrypoint"]) + service.get("command", known["command"])
        user = service.get("user", "0:0")
        if user == "0:0":
            # The superuser without the rights of one, but for those that the file adds.
            rights = ",".join(["-all", *(f"+{right.lower()}" for right in service.get("cap_add", []))])
            words = ["/usr/bin/setpriv", f"--bounding-set={rights}", "--inh-caps=-all", "--no-new-privs", *words]
        if known is POSTGRES:
            script = pathlib.Path(__file__).with_name("postgres-entrypoint.sh")
            (root / "entrypoint.sh").write_bytes(script.read_bytes())
        return root, user, "/", dict(known["environment"]), words

    def volumes(self, service, root):
        """Where its volumes and files are on this machine -> where they are inside."""
        binds = {}
        for entry in service.get("volumes", []):
            source, target = entry.split(":", 1)
            inside = target.removesuffix(":ro")
            is_file = source.startswith(".")
            place = self.folder / source if is_file else volume(self.work / "volumes" / source, root, inside)
            binds[str(place)] = target
        return binds

    def hosts(self, addresses):
        """The names that a service can look up: those of the services that share a network with it."""
        lines = ["127.0.0.1 localhost"]
        for other, service in self.text["services"].items():
            networks = service.get("networks") or {}
            shared = [networks[name]["ipv4_address"] for name in addresses if name in networks]
            lines += [f"{address} {other}" for address in shared[:1]]
        file = self.work / f"hosts-{'-'.join(addresses) or 'none'}"
        file.write_text("\n".join(lines) + "\n")
        return {str(file): "/etc/hosts:ro"}

    def check(self, name):
        """The words of a service's health check."""
        service = self.service(name)
        if "healthcheck" in service:
            return service["healthcheck"]["test"][1:]
        return self.own[1].health()


def describe(container):
    """What the kernel says of a container, on one line."""
    return json.dumps(container.facts())
