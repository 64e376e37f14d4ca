"""Check that new commits have a subject of at most 72 characters, and an empty line before the body.

Checked are `origin/main..HEAD`, or `main..HEAD` without such a remote, and otherwise the newest commit. Only the form
is checked here: one matter per commit and a body that gives the reason are for the reviewer (CONTRIBUTING.md).
"""

import shutil
import subprocess
import sys
from pathlib import Path

LIMIT = 72
ROOT = Path(__file__).resolve().parent.parent


def git(*arguments: str) -> str:
    """Return git's output, "" when it fails."""
    command = [shutil.which("git") or "git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def new_commits() -> list[str]:
    """Return the hashes of the commits to check, without merges."""
    base = next((name for name in ("origin/main", "main") if git("rev-parse", "-q", "--verify", name)), "HEAD")
    return git("rev-list", "--no-merges", f"{base}..HEAD").split() or git("rev-list", "-1", "HEAD").split()


def faults(message: str) -> list[str]:
    """Return what is wrong with the form of a commit message."""
    subject, _, rest = message.partition("\n")
    problems = []
    if len(subject) > LIMIT:
        problems.append(f"the subject has {len(subject)} characters; {LIMIT} is the limit")
    if len(subject.split()) < 3:
        problems.append("the subject says nothing")
    if subject.endswith("."):
        problems.append("the subject ends with a full stop")
    if rest and not rest.startswith("\n"):
        problems.append("an empty line is missing below the subject")
    return problems


def main() -> int:
    """Print the commits with a malformed message; return 1 if there are any."""
    if not shutil.which("git") or not git("rev-parse", "HEAD"):
        print("commits are not checked: this is no git checkout", file=sys.stderr)
        return 0
    lines = [
        f"{commit[:9]} {fault}"
        for commit in new_commits()
        for fault in faults(git("show", "-s", "--format=%B", commit))
    ]
    print("\n".join(lines), end="\n" if lines else "", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
