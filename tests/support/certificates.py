"""A certificate authority of a test's own."""

import ssl
import subprocess
from pathlib import Path


def _openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, check=False)
    assert done.returncode == 0, f"openssl {words[0]}: {done.stderr.decode()}"


class Authority:
    """`ca` is the file that a client must trust. Everything is in `directory`."""

    def __init__(self, directory, name="wildcam test authority"):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.ca = self.directory / "ca.pem"
        self._key = self.directory / "ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", 2, "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.ca,
                 "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, *names, file="server"):
        """A certificate with its key for host names and addresses: the file of both."""
        names = names or ("localhost", "*.localhost", "127.0.0.1", "::1")
        key, request, certificate = (self.directory / f"{file}{suffix}"
                                     for suffix in (".key", ".csr", ".crt"))
        extensions = self.directory / f"{file}.ext"
        extensions.write_text("subjectAltName=" + ",".join(
            ("IP:" if name.replace(".", "").isdigit() or ":" in name else "DNS:") + name
            for name in names) + "\nextendedKeyUsage=serverAuth\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", "/CN=wildcam test server", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._key, "-days", 2,
                 "-CAcreateserial", "-extfile", extensions, "-out", certificate)
        both = self.directory / f"{file}.pem"
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
        return both

    def context(self, *names, file="server"):
        """What a server needs to speak TLS under these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.issue(*names, file=file))
        return context
