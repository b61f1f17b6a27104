"""Certificates of a test's own: an authority, a server on 127.0.0.1, and a client named `ann`, made by openssl."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Certificates:
    """`authority`, `ann` and `ann_key` are the files that a kubeconfig names."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is missing")
        self.folder = folder
        key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        self._openssl(f"req -x509 {key} -days 2 -subj /CN=authority -keyout ca.key -out ca.crt")
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:cluster.example.com")
        for name, more in (("server", "-extfile names"), ("ann", "")):
            self._openssl(f"req {key} -subj /CN={name} -keyout {name}.key -out {name}.csr")
            self._openssl(
                f"x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out {name}.crt {more}"
            )
        self.authority, self.ann, self.ann_key = folder / "ca.crt", folder / "ann.crt", folder / "ann.key"

    def of_server(self) -> ssl.SSLContext:
        """What a server speaks TLS with; it looks at certificates that clients show."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.authority)
        context.load_cert_chain(self.folder / "server.crt", self.folder / "server.key")
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def _openssl(self, words: str) -> None:
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True, cwd=self.folder)
