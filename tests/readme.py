"""Runs the commands of the documents' tours against a fresh server each and compares the answers.

Usage: readme.py BINARY [--write] [FILES...]. With --write the answers are put into the documents.
"""

import argparse
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
PAGES = ("stories.md", "sync.md", "reminders.md", "webhooks.md", "calendar.md")
DOCUMENTS = [ROOT / "README.md", *(ROOT / "openapi" / name for name in PAGES)]
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
            sys.exit(f"an answer that the document does not show:\n{answer}")
        return commands

    return STEP.sub(with_answer, tour)


def replay(text, binary):
    """The text of a document with what comes out of its tours on a fresh server."""
    with tempfile.TemporaryDirectory() as folder:
        listen = {"AFTERVIEW_LISTEN": "127.0.0.1:0"}
        server = subprocess.Popen([binary], cwd=folder, env=listen, stdout=subprocess.PIPE, text=True)
        try:
            real = server.stdout.readline().split()[-1]
            environment = {"PATH": f"{binary.parent}:/usr/local/bin:/usr/bin:/bin", "HOME": folder}

            def replayed(tour):
                played = play(tour[0].replace(URL, real), environment, folder)
                return played.replace(real, URL)

            return TOUR.sub(replayed, text)
        finally:
            server.terminate()
            server.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("binary", type=pathlib.Path)
    arguments.add_argument("--write", action="store_true", help="put the answers into the documents")
    arguments.add_argument("files", nargs="*", type=pathlib.Path, default=DOCUMENTS)
    given = arguments.parse_intermixed_args()
    for document in given.files:
        before = document.read_text()
        after = replay(before, given.binary.resolve())
        if given.write:
            document.write_text(after)
        elif after != before:
            difference = difflib.unified_diff(
                before.splitlines(), after.splitlines(), "printed", "comes out", n=0, lineterm=""
            )
            sys.exit(f"{document.name} shows something else than what comes out:\n" + "\n".join(difference))
        print(f"the tours of {document.name} come out as printed")


if __name__ == "__main__":
    main()
