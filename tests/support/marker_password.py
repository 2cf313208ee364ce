"""Password that the tests use, and that must not appear in any output."""

from pathlib import Path

PASSWORD = "marker-horse-battery-staple"  # noqa: S105  # not the password of anything

CREDENTIAL = "mqtt-password"


def leave_in(folder: Path) -> Path:
    """Write the password to a credentials folder like that of systemd; return the folder."""
    folder.mkdir(exist_ok=True)
    file = folder / CREDENTIAL
    if not file.exists():
        file.write_text(PASSWORD + "\n", encoding="utf-8")
        file.chmod(0o400)
    return folder


def must_not_be_in(*texts: str) -> None:
    """Fail if a text contains the password."""
    for text in texts:
        assert PASSWORD not in text, f"the password is shown: {_around(text)}"


def _around(text: str) -> str:
    return next(line for line in text.splitlines() if PASSWORD in line)
