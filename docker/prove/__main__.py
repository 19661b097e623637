"""Proves the image and compose.yaml on a machine where no container engine runs.

Usage: python3 docker/prove [--work FOLDER] [--program FILE] [image] [single] [compose]. As the superuser, on
Debian, with debootstrap, util-linux and iproute2; needs PyYAML. A release build takes its time: `single` and
`compose` alone use the image of an earlier run, and --program puts one into the image that is built already, such
as target/debug/afterview.
"""

import argparse
import pathlib

import dockerfile
import image
import single
import story

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOT_PROVED = """
Not proved, because no engine runs here: that an engine reads these files as they are read here; the base images
themselves (Debian's packages stand for them, and this machine's Rust for Rust's); published ports, seccomp and
AppArmor profiles, limits of processors and memory, restart policies; and TLS, which needs a domain name."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "docker", help="keeps what was made")
    parser.add_argument("--program", type=pathlib.Path, help="is put into the image instead of one that is built")
    parser.add_argument("parts", nargs="*", choices=["image", "single", "compose", []], help="all without any")
    arguments = parser.parse_args()
    work, parts = arguments.work.resolve(), arguments.parts or ["image", "single", "compose"]
    work.mkdir(parents=True, exist_ok=True)
    if "image" in parts:
        image.build(ROOT, work, arguments.program)
    stage = dockerfile.read(ROOT / "docker" / "Dockerfile")[-1]
    own = image.finished(work), stage
    if "single" in parts:
        single.prove(*own, work)
    if "compose" in parts:
        story.prove(ROOT, ROOT / "docker" / "compose.yaml", own, work)
    image.say(NOT_PROVED)


main()
