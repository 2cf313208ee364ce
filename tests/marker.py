"""A password that everything under test is given, and that must appear in no output."""

from pathlib import Path

PASSWORD = "marker-horse-battery-staple"  # noqa: S105  # it opens nothing

CREDENTIAL = "mqtt-password"


def leave_in(folder: Path) -> Path:
    """Leaves the password where systemd would leave it for the service."""
    folder.mkdir(exist_ok=True)
    file = folder / CREDENTIAL
    if not file.exists():
        file.write_text(PASSWORD + "\n", encoding="utf-8")
        file.chmod(0o400)
    return folder


def must_not_be_in(*texts: str) -> None:
    """Fails where the password is shown."""
    for text in texts:
        assert PASSWORD not in text, f"the password is shown: {_around(text)}"


def _around(text: str) -> str:
    return next(line for line in text.splitlines() if PASSWORD in line)
