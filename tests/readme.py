"""Runs the commands of the README's tours against a fresh server and compares the answers.

Usage: readme.py BINARY [--write]. With --write the answers are put into the README instead.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

README = pathlib.Path(__file__).parent.parent / "README.md"
URL = "http://127.0.0.1:8080"
TOUR = re.compile(r"<!-- tour.*?-->\n(.*?)<!-- end of the tour -->", re.DOTALL)
# Commands, and directly behind them their answer, if one is shown.
STEP = re.compile(r"```sh\n(?P<commands>.*?)```\n(?:```(?P<kind>json|text)\n(?P<answer>.*?)```\n)?", re.DOTALL)
MARKER = "--- end of a step ---"


def play(tour, environment, folder):
    """The tour as it really comes out, all commands in one shell."""
    script = "".join(f"{step['commands']}\necho; echo '{MARKER}'\n" for step in STEP.finditer(tour))
    output = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=folder, capture_output=True, text=True, timeout=60
    )
    if output.stderr:
        sys.exit(output.stderr)
    answers = iter(output.stdout.split(MARKER))

    def with_answer(step):
        answer = "\n".join(line.rstrip() for line in next(answers).strip("\n").splitlines())
        commands = f"```sh\n{step['commands']}```\n"
        if step["kind"]:
            return f"{commands}```{step['kind']}\n{answer}\n```\n"
        if answer:
            sys.exit(f"an answer that the README does not show:\n{answer}")
        return commands

    return STEP.sub(with_answer, tour)


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    before = README.read_text()
    with tempfile.TemporaryDirectory() as folder:
        listen = {"AFTERVIEW_LISTEN": "127.0.0.1:0"}
        server = subprocess.Popen([binary], cwd=folder, env=listen, stdout=subprocess.PIPE, text=True)
        try:
            real = server.stdout.readline().split()[-1]
            environment = {"PATH": f"{binary.parent}:/usr/local/bin:/usr/bin:/bin", "HOME": folder}

            def replayed(tour):
                played = play(tour[0].replace(URL, real), environment, folder)
                return played.replace(real, URL)

            after = TOUR.sub(replayed, before)
        finally:
            server.terminate()
            server.wait()
    if "--write" in sys.argv:
        README.write_text(after)
    elif after != before:
        pairs = zip(before.splitlines(), after.splitlines())
        differing = [f"- {old}\n+ {new}" for old, new in pairs if old != new]
        sys.exit("the README shows something else than what comes out:\n" + "\n".join(differing[:20]))
    print("the README's tours come out as printed")


if __name__ == "__main__":
    main()
