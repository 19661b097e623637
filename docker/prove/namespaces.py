"""Runs a command as a container engine would: a root of its own, first in a space of processes of its own.

Must never leave a mount behind: all of them belong to the process and end with it.
"""

import dataclasses
import pathlib
import subprocess

# What an engine puts into every container, whatever is in its image.
MADE_BY_ENGINE = ("dev", "etc", "proc", "tmp")


@dataclasses.dataclass
class Place:
    """Where and as whom a command runs."""

    root: pathlib.Path
    folder: str = "/"
    # UID:GID; the superuser without one.
    user: str = ""
    read_only: bool = False
    # Folder or file of this machine -> its place in the root; with :ro behind it nobody writes there.
    binds: dict = dataclasses.field(default_factory=dict)
    # Folder -> options of its mount.
    tmpfs: dict = dataclasses.field(default_factory=dict)
    # The name of a network of `ip netns`; the machine's own without one.
    network: str = ""
    # Nothing that it starts gets more rights than it has.
    locked: bool = False


def within(root, target):
    """Where a path of the root is on this machine: its links lead to places in the root, too."""
    found = root
    for part in pathlib.PurePath(target).parts[1:]:
        found = found / part
        if found.is_symlink():
            found = within(root, pathlib.PurePath("/") / found.relative_to(root).parent / found.readlink())
    return found


def command(place, words):
    """The words that run `words` there."""
    for name in MADE_BY_ENGINE:
        (place.root / name).mkdir(exist_ok=True)
    for target in place.tmpfs:
        within(place.root, target).mkdir(parents=True, exist_ok=True)
    for source, target in place.binds.items():
        inside = within(place.root, target.removesuffix(":ro"))
        if pathlib.Path(source).is_dir():
            inside.mkdir(parents=True, exist_ok=True)
        elif not inside.exists():
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.touch()
    script = "\n".join(mounts(place))
    enter = ["/usr/bin/unshare", f"--root={place.root}", f"--wd={place.folder}"]
    if place.user:
        uid, gid = place.user.split(":")
        enter += [f"--setgid={gid}", f"--setuid={uid}"]
    if place.locked:
        enter = ["/usr/bin/setpriv", "--no-new-privs", *enter]
    network = ["/usr/sbin/ip", "netns", "exec", place.network] if place.network else []
    alone = ["/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return [*network, *alone, "/bin/sh", "-ec", f'{script}\nexec "$@"', "sh", *enter, *words]


def mounts(place):
    """The lines of a script that puts everything where it belongs."""
    root = place.root
    yield "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
    yield f"mount --bind '{root}' '{root}'"
    if place.read_only:
        yield f"mount -o remount,bind,ro '{root}'"
    yield f"mount --bind /dev '{root}/dev'"
    yield f"mount -t proc proc '{root}/proc'"
    for target, options in place.tmpfs.items():
        yield f"mount -t tmpfs -o '{options or 'mode=1777'}' tmpfs '{within(root, target)}'"
    for source, target in place.binds.items():
        inside = within(root, target.removesuffix(":ro"))
        yield f"mount --bind '{source}' '{inside}'"
        if target.endswith(":ro"):
            yield f"mount -o remount,bind,ro '{inside}'"
    # The environment of the command is the container's own.
    yield 'export PATH="$CONTAINER_PATH"; unset CONTAINER_PATH PWD OLDPWD _'


def environment(variables):
    """The environment to start that command with, so that it has exactly these variables."""
    path = variables.get("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    return {**variables, "CONTAINER_PATH": path}


def run(place, words, variables, **options):
    """Runs it to its end and hands back what became of it."""
    return subprocess.run(command(place, words), env=environment(variables), **options)


def first_process(outer):
    """The first process of the container that `outer`, a started command, is about."""
    pid = outer.pid
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0])
