"""Makes clients of the OpenAPI document in every language, checks them, and lets five play the article's scenario.

Usage: run.py BINARY [--only NAME ...]. Everything is made in target/generated. See openapi/clients.md.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
MADE = ROOT / "target/generated"
DOCUMENT = ROOT / "openapi/openapi.json"
TOOLS = pathlib.Path(sys.executable).parent

sys.path.insert(0, str(HERE.parent))
import warnings_of  # noqa: E402
from models import check_models  # noqa: E402
from served import server  # noqa: E402


def run(*command, folder=MADE, **environment):
    """What a program prints; its failure is ours, with all that it printed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def generate(language, target, *properties):
    """A client by openapi-generator, without a warning that is not in the list."""
    shutil.rmtree(MADE / target, ignore_errors=True)
    properties = ",".join(("hideGenerationTimestamp=true", *properties))
    output = run(
        TOOLS / "openapi-generator-cli", "generate", "-g", language, "-i", DOCUMENT, "-o", MADE / target,
        f"--additional-properties={properties}",
    )
    warnings_of.check(language, output)


def typescript(url):
    """typescript-fetch and openapi-typescript, compiled together as strictly as can be."""
    for name in ("package.json", "package-lock.json", ".npmrc", "tsconfig.json"):
        shutil.copy(HERE / name, MADE)
    if not (MADE / "node_modules/.package-lock.json").exists():
        run("npm", "ci", "--silent")
    generate("typescript-fetch", "typescript-fetch", "importFileExtension=.js")
    run("node_modules/.bin/openapi-typescript", DOCUMENT, "-o", "openapi-typescript.ts", "--default-non-nullable=false")
    for name in ("typescript_fetch", "openapi_fetch"):
        shutil.copy(HERE / f"clients/{name}.ts", MADE)
    run("node_modules/.bin/tsc", "-p", ".")
    for name in ("typescript_fetch", "openapi_fetch"):
        yield name, run("node", f"js/{name}.js", url)


def python(url):
    """openapi-generator's client and openapi-python-client's, whose types mypy reads."""
    generate("python", "python", "packageName=afterview_client")
    made = MADE / "python-httpx/afterview_httpx"
    shutil.rmtree(made, ignore_errors=True)
    output = run(
        TOOLS / "openapi-python-client", "generate", "--path", DOCUMENT, "--output-path", made, "--meta", "none",
        "--config", HERE / "python_client.yaml",
    )
    if "WARNING" in output:
        sys.exit(output)
    path = f"{MADE / 'python'}:{MADE / 'python-httpx'}"
    for name in ("python_urllib3", "python_httpx"):
        script = HERE / f"clients/{name}.py"
        run(TOOLS / "mypy", "--strict", "--follow-imports=silent", script, MYPYPATH=path)
        yield name, run(sys.executable, script, url, PYTHONPATH=path)


def rust(url):
    """The client for reqwest, with the versions that the server's own lock file names."""
    generate("rust", "rust/client", "packageName=afterview_client", "library=reqwest")
    shutil.copytree(HERE / "clients/rust", MADE / "rust", dirs_exist_ok=True)
    (MADE / "rust/src").mkdir(exist_ok=True)
    shutil.move(MADE / "rust/main.rs", MADE / "rust/src/main.rs")
    shutil.copy(ROOT / "Cargo.lock", MADE / "rust")
    built = {"CARGO_TARGET_DIR": str(MADE / "rust-target")}
    yield "rust", run("cargo", "run", "--quiet", "--", url, folder=MADE / "rust", RUSTFLAGS="-A warnings", **built)


def others(_url):
    """Languages that no compiler is here for: made without warnings, their models looked through."""
    for language in ("kotlin", "swift6", "dart", "java"):
        generate(language, language)
        yield language, check_models(language, MADE / language)


CLIENTS = {"typescript": typescript, "python": python, "rust": rust, "others": others}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("binary", type=pathlib.Path)
    arguments.add_argument("--only", nargs="*", choices=CLIENTS, default=list(CLIENTS))
    given = arguments.parse_args()
    MADE.mkdir(parents=True, exist_ok=True)
    with server(given.binary.resolve()) as url:
        for name in given.only:
            began = time.monotonic()
            for client, said in CLIENTS[name](url):
                print(f"{client}: {said.strip()}", flush=True)
            print(f"-- {name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
