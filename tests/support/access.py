"""Keys and people of a station, made by the command-line tool as an operator makes them."""

import subprocess

from .paths import program

NO_LIMITS = {"rate.api": 0, "rate.auth": 0, "rate.upload": 0, "rate.camera": 0}


def wildcam(data, *words, stdin=""):
    """What `wildcam WORDS` prints for a station."""
    done = subprocess.run([program("wildcam"), *words, "--data", data], input=stdin, text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def create_key(data, role, camera=None):
    named = ["--camera", camera] if camera else []
    return wildcam(data, "keys", "create", "--role", role, *named).strip()


def revoke_key(data, key):
    wildcam(data, "keys", "revoke", key.split("_")[1])


def create_user(data, name, role, password, cost=10):
    """A person whose password is cheap to look at, unless the test is about that."""
    wildcam(data, "users", "create", name, "--role", role, "--set", f"auth.password_cost={cost}",
            stdin=password + "\n")


def bearer(key):
    return {"Authorization": f"Bearer {key}"}
