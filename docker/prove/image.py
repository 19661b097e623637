"""Makes the image of a Dockerfile as folders, step by step, in the order in which they are written.

Its base images cannot be fetched where no engine runs: Debian's are made by debootstrap from this machine's own
mirror; Rust's is the same with a C compiler, and with the toolchain of this machine bound into it. Crates come
from what this machine has fetched already.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import dockerfile
import namespaces

# What Debian's package manager is told on this machine: where its mirror is, how dates are checked.
APT = ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/apt.conf.d", "/etc/apt/keyrings")
# The packages that the base images have besides the smallest Debian.
BASES = {"debian:bookworm-slim": (), "rust:1.95.0-slim-bookworm": ("ca-certificates", "gcc", "libc6-dev")}
# Where the first stage leaves the program.
BUILT = "src/target/release/afterview"
TOOLCHAIN = "/usr/local/rustup"


def say(text):
    print(text, flush=True)


def build(root, work, program=None):
    """Carries out docker/Dockerfile of the project in `root`; with a program that is built already, all but the
    stage that builds it."""
    files = dockerfile.context(root)
    say(f"context: {len(files)} files, {size(files)}")
    folders = {}
    stages = dockerfile.read(root / "docker" / "Dockerfile")
    for stage in stages:
        folder = work / f"stage-{stage.name or 'image'}"
        if stage.name == "build" and program:
            say(f"  not proved: the stage that builds the program; {program.name} was built before, {size([program])}")
            shutil.rmtree(folder, ignore_errors=True)
            (folder / BUILT).parent.mkdir(parents=True)
            shutil.copy2(program, folder / BUILT)
        else:
            carry_out(stage, folder, {"": root, **folders}, set(files), work)
        folders[stage.name] = folder
    inside = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    program = folder / stage.last("ENTRYPOINT").words()[0].lstrip("/")
    say(f"\nimage: {len(inside)} files, {size(inside)}; of these the program: {size([program])}")


def finished(work):
    """The folder of the image that `build` made."""
    folder = work / "stage-image"
    if not folder.exists():
        sys.exit(f"{work} holds no image yet: leave out the names of parts")
    return folder


def carry_out(stage, folder, sources, files, work):
    """All steps of a stage, in a fresh folder."""
    shutil.rmtree(folder, ignore_errors=True)
    place = namespaces.Place(folder)
    variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    if stage.base == "scratch":
        folder.mkdir(parents=True)
    else:
        say(f"\nFROM {stage.base}: {base(stage.base, work)}")
        subprocess.run(["cp", "--archive", work / stage.base.replace(":", "-"), folder], check=True)
        if stage.base.startswith("rust:"):
            place.binds, rust = toolchain(stage.base)
            variables.update(rust)
    for step in stage.steps:
        if step.word == "RUN":
            run(step, place, variables, work / "build.log")
        elif step.word == "COPY":
            copy(step, folder, pathlib.PurePosixPath(place.folder), sources[step.flags.get("from", "")], files)
        elif step.word == "ENV":
            variables.update(step.pairs())
        elif step.word == "WORKDIR":
            place.folder = step.text
            (folder / step.text.lstrip("/")).mkdir(parents=True, exist_ok=True)


def run(step, place, variables, path):
    """Carries out a RUN; what it says goes into a file."""
    say(f"RUN {' '.join(step.text.split())}")
    began = time.monotonic()
    with path.open("ab") as log:
        ended = namespaces.run(place, ["/bin/sh", "-c", step.text], variables, stdout=log, stderr=log)
    say(f"  {time.monotonic() - began:.0f} s")
    if ended.returncode:
        sys.exit(f"it ended with code {ended.returncode}; see {path}")


def copy(step, folder, inside, source, files):
    """Copies files or the content of folders; of the project only what its .dockerignore lets through."""
    *names, target = step.words()
    say(f"COPY {' '.join(f'--{flag}={value}' for flag, value in step.flags.items())} {step.text}")
    into = folder / str(inside / target).lstrip("/")
    for name in names:
        origin = source / name.lstrip("/")
        found = [path for path in files if path == origin or path.is_relative_to(origin)]
        if not found and "from" not in step.flags:
            sys.exit(f"COPY {name}: .dockerignore lets nothing of it through")
        if "from" in step.flags and origin.is_dir():
            into.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "--archive", "--no-target-directory", origin, into], check=True)
        elif "from" in step.flags:
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(origin, into)
        for path in found if "from" not in step.flags else []:
            within = (
                path.relative_to(origin) if path != origin else pathlib.Path(path.name if target[-1] == "/" else "")
            )
            (into / within).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, into / within)
    if owner := step.flags.get("chown"):
        uid, gid = map(int, owner.split(":"))
        for path in [into, *into.rglob("*")]:
            os.chown(path, uid, gid)


def base(name, work):
    """Makes a base image, unless an earlier run did, and says how."""
    folder = work / name.replace(":", "-")
    packages = BASES[name]
    if not (folder / "etc" / "debian_version").exists():
        debootstrap(folder, packages)
    return f"debootstrap --variant=minbase {' '.join(('bookworm', *packages))}"


def debootstrap(folder, packages):
    """The smallest Debian with some packages, made beside its place and moved there when it is whole."""
    if not shutil.which("debootstrap"):
        sys.exit("debootstrap is needed: apt-get install debootstrap")
    mirror = next(line.split()[1] for line in pathlib.Path(APT[0]).read_text().splitlines() if line.startswith("URIs:"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        made = pathlib.Path(unfinished) / "root"
        options = ["--variant=minbase", *([f"--include={','.join(packages)}"] if packages else [])]
        subprocess.run(["debootstrap", *options, "bookworm", made, mirror], check=True, stdout=subprocess.DEVNULL)
        (made / "etc/apt/sources.list").unlink(missing_ok=True)
        for name in ("/etc/resolv.conf", *APT):
            if pathlib.Path(name).is_dir():
                shutil.copytree(name, made / name.lstrip("/"), dirs_exist_ok=True)
            elif pathlib.Path(name).exists():
                shutil.copy2(name, made / name.lstrip("/"))
        made.rename(folder)


def toolchain(name):
    """This machine's Rust and its crates, bound into the place of an image that brings its own Rust."""
    version = name.removeprefix("rust:").split("-")[0]
    ask = ["rustup", "run", version, "rustc", "--print", "sysroot"]
    sysroot = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    registry = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")) / "registry"
    say(f"  not proved: its own toolchain; bound in are this machine's Rust {version} and the crates it fetched")
    path = f"{TOOLCHAIN}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    binds = {sysroot: f"{TOOLCHAIN}:ro", str(registry): "/usr/local/cargo/registry:ro"}
    variables = {"PATH": path, "CARGO_HOME": "/usr/local/cargo", "CARGO_NET_OFFLINE": "true"}
    # Whoever shares the machine says how many of its processors are theirs.
    return binds, variables | {name: os.environ[name] for name in ("CARGO_BUILD_JOBS",) if name in os.environ}


def size(paths):
    """How much is in some files, in words."""
    return f"{sum(path.stat().st_size for path in paths if not path.is_symlink()) / 1e6:.1f} MB"
