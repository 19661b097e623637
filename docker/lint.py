"""Lints everything in this folder; quick, without a container engine. docker/prove carries it out.

Usage: lint.py, with the Python of an environment that has requirements.txt; needs nginx, openssl and
systemd-analyze.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE / "prove"))

import compose  # noqa: E402
import compose_spec  # noqa: E402
import dockerfile  # noqa: E402

TOOLS = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"
FAULTS = []


def run(*words):
    """Runs a tool; what it finds is a fault."""
    ended = subprocess.run(words, cwd=HERE, env={**os.environ, "PATH": TOOLS}, capture_output=True, text=True)
    if ended.returncode:
        FAULTS.append(f"{words[0]}: code {ended.returncode}\n{ended.stdout}{ended.stderr}")


def demand(holds, fault):
    if not holds:
        FAULTS.append(fault)


def image():
    """The Dockerfile, and what it has to agree with."""
    run("hadolint", "--config", "hadolint.yaml", "Dockerfile")
    stages = dockerfile.read(HERE / "Dockerfile")
    toolchain = tomllib.loads((ROOT / "rust-toolchain.toml").read_text())["toolchain"]["channel"]
    build, *_, last = stages
    demand(build.base == f"rust:{toolchain}-slim-bookworm", f"{build.base} is not Rust {toolchain}")
    demand(build.environment()["RUSTUP_TOOLCHAIN"] == toolchain, f"RUSTUP_TOOLCHAIN is not {toolchain}")
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    labels = last.last("LABEL").pairs()
    demand(labels["org.opencontainers.image.version"] == version, f"the label is not version {version}")
    demand(last.last("USER").text == "10001:10001", "the image does not run as its own user")
    seen = dockerfile.context(ROOT)
    for step in build.steps:
        for name in step.words()[:-1] if step.word == "COPY" else []:
            there = any(path == ROOT / name or path.is_relative_to(ROOT / name) for path in seen)
            demand(there, f"COPY {name}: .dockerignore lets nothing of it through")
    secret = re.compile(r"(^|/)(data|\.env|\.git|target)(/|$)")
    for path in seen:
        demand(not secret.search(str(path.relative_to(ROOT))), f"{path} would get into the image")


def services():
    """The compose files: one after the other, and the second on top of the first."""
    base, more = compose.read(HERE / "compose.yaml"), compose.read(HERE / "compose.metrics.yaml")
    both = merged(base, more)
    for text in (base, both):
        found = refusals(text)
        demand(not found, f"compose: {found}")
        for name, service in text["services"].items():
            hardened(name, service)
    # The validator is awake.
    for planted in ({"red_only": True}, {"networks": {"nowhere": None}}, {"stop_grace_period": "soon"}):
        demand(refusals(merged(base, {"services": {"proxy": planted}})), f"compose: {planted} is not refused")
    run("compose-lint", "--fail-on", "high", "compose.yaml", "compose.metrics.yaml")
    settings = re.findall(r'"(AFTERVIEW_[A-Z_]+)"', (ROOT / "api" / "src" / "config.rs").read_text())
    for name, service in both["services"].items():
        for entry in service.get("volumes", []):
            source = entry.split(":")[0]
            there = (HERE / source).exists() if source[0] == "." else source in both["volumes"]
            demand(there, f"{name}: {source} is not there")
        for setting in service.get("environment", {}):
            known = not setting.startswith("AFTERVIEW_") or setting in settings
            demand(known, f"{name}: {setting} is not a setting")


def hardened(name, service):
    """What every service has."""
    for member, expected in (("read_only", True), ("cap_drop", ["ALL"]), ("security_opt", ["no-new-privileges:true"])):
        demand(service.get(member) == expected, f"{name}: {member} is not {expected}")
    demand("limits" in service.get("deploy", {}).get("resources", {}), f"{name} has no limits")


def refusals(text):
    """Why a compose file is refused; empty if it is not."""
    try:
        read = compose_spec.PyCompose.from_json(json.dumps(text))
        read.to_spec()
        return str(read.validate() or "")
    except ValueError as error:
        return str(error)


def merged(one, other):
    """One compose file on top of another."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: merged(one[key], value) if key in one else value for key, value in other.items()}
    return one + other if isinstance(one, list) else other


def proxy():
    """nginx reads its configuration, as it is and with TLS."""
    text = (HERE / "nginx" / "nginx.conf").read_text()
    with_tls = re.sub(r"^    # (?=server|    |\})", "    ", text, flags=re.MULTILINE)
    demand(
        with_tls.count("listen ") == text.count("listen ") and "\n        listen 8443" in with_tls,
        "no TLS in nginx.conf",
    )
    for variant in (text, with_tls):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            key, certificate = place / "privkey.pem", place / "fullchain.pem"
            run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-keyout",
                key,
                "-out",
                certificate,
            )
            moved = variant.replace("/tmp/", f"{folder}/").replace("/certificates/", f"{folder}/")
            moved = moved.replace("/etc/nginx/", f"{HERE}/nginx/")
            (place / "nginx.conf").write_text(moved)
            run("nginx", "-t", "-q", "-e", "stderr", "-c", place / "nginx.conf")


def unit():
    """systemd reads its unit, and finds little that the program could harm."""
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "afterview"
        program.touch(mode=0o755)
        unit = pathlib.Path(folder) / "afterview.service"
        unit.write_text((HERE / "afterview.service").read_text().replace("/usr/local/bin/afterview", str(program)))
        run("systemd-analyze", "verify", "--man=no", unit)
        run("systemd-analyze", "security", "--offline=true", "--threshold=15", unit)


def main():
    image()
    services()
    proxy()
    unit()
    run("yamllint", "--strict", "--config-file", "yamllint.yaml", ".")
    run("shellcheck", *map(str, HERE.rglob("*.sh")))
    for fault in FAULTS:
        print(fault, file=sys.stderr)
    sys.exit(1 if FAULTS else 0)


main()
