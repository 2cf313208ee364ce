"""Certificates of the tests' own, made with the program openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its key, each in a file."""

    certificate: Path
    key: Path


class Authority:
    """Who signs certificates; ``root`` is the file to trust.

    folder: where the files go, must exist. name: of the authority.
    """

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder = folder
        self.root, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        _openssl(
            *("req", "-x509", "-subj", f"/CN={name}", "-days", "2", "-newkey", *_NEW_KEY),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", self._key, "-out", self.root),
        )

    def sign(self, name: str, alternative: str = "IP:127.0.0.1", *, days: int = 2) -> Signed:
        """A certificate; ``days`` below 0 for one that has expired."""
        key, request = self._folder / f"{name}.key", self._folder / f"{name}.csr"
        certificate, extensions = self._folder / f"{name}.pem", self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n")
        _openssl(
            *("req", "-subj", f"/CN={name}", "-newkey", *_NEW_KEY),
            *("-keyout", key, "-out", request),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-CA", self.root, "-CAkey", self._key),
            *("-CAcreateserial", "-days", str(days), "-extfile", extensions, "-out", certificate),
        )
        key.chmod(0o600)
        return Signed(certificate, key)


_NEW_KEY = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
