"""New commits have a subject of at most 72 characters, and a body below an empty line.

What this looks at: `origin/main..HEAD`, or `main..HEAD` where there is no such remote, and the newest commit. Only the
form can be checked by a machine: one matter per commit and a body that says why are for the reader (CONTRIBUTING.md).
"""

import shutil
import subprocess
import sys
from pathlib import Path

LIMIT = 72
ROOT = Path(__file__).resolve().parent.parent


def git(*words: str) -> str:
    """What git answers; "" where it refuses."""
    command = [shutil.which("git") or "git", "-C", str(ROOT), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def new_commits() -> list[str]:
    """Their hashes, without merges."""
    base = next((name for name in ("origin/main", "main") if git("rev-parse", "-q", "--verify", name)), "HEAD")
    return git("rev-list", "--no-merges", f"{base}..HEAD").split() or git("rev-list", "-1", "HEAD").split()


def faults(message: str) -> list[str]:
    """What is wrong with the form of a commit's message."""
    subject, _, rest = message.partition("\n")
    found = []
    if len(subject) > LIMIT:
        found.append(f"the subject has {len(subject)} characters; {LIMIT} is the limit")
    if len(subject.split()) < 3:
        found.append("the subject says nothing")
    if subject.endswith("."):
        found.append("the subject ends with a full stop")
    if rest and not rest.startswith("\n"):
        found.append("an empty line is missing below the subject")
    return found


def main() -> int:
    """Name the commits whose message is not in form; 1 when there are any."""
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
