"""Certificates for the tests, made with the program openssl."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Signed:
    """Files of a certificate and of its key."""

    certificate: Path
    key: Path


class Authority:
    """Authority that signs certificates; ``root`` is the file to trust.

    folder: existing folder for the files. name: name of the authority.
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
        """Return a new certificate. days: validity; below 0 for an expired certificate."""
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

    def sign_for_later(self, name: str, alternative: str = "IP:127.0.0.1") -> Signed:
        """Return a new certificate that is valid from tomorrow on."""
        signed = self.sign(name, alternative)
        folder = self._folder / "later"
        folder.mkdir()
        (folder / "index").touch()
        (folder / "serial").write_text("01\n")
        config = f"[ca]\ndefault_ca=a\n[a]\nnew_certs_dir={folder}\ndatabase={folder}/index\n"
        config += f"serial={folder}/serial\npolicy=p\n[p]\ncommonName=supplied\n"
        (folder / "config").write_text(config)
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        _openssl(
            *("ca", "-batch", "-config", folder / "config", "-md", "sha256", "-days", 2),
            *("-cert", self.root, "-keyfile", self._key, "-in", self._folder / f"{name}.csr"),
            *("-extfile", self._folder / f"{name}.ext", "-out", signed.certificate, "-notext"),
            *("-startdate", f"{tomorrow:%Y%m%d%H%M%SZ}"),
        )
        return signed


_NEW_KEY = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
