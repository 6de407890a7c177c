# SPDX-License-Identifier: MIT
"""The kernels of tests/kernels.toml, and what Debian's archive has of them.

Each suite has an apt of its own below build/apt, whose lists are fetched from the
archive that this machine's apt knows. It takes no root, and leaves this machine's
apt as it was.
"""

import dataclasses
import fcntl
import os
import pathlib
import re
import subprocess
import tomllib

TOP = pathlib.Path(__file__).resolve().parent.parent
TABLE = TOP / "tests/kernels.toml"
KERNELS = TOP / "build/kernels"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class KernelError(Exception):
    """The text says what was tried and what to do."""


@dataclasses.dataclass(frozen=True)
class Kernel:
    name: str
    about: str
    suites: tuple
    root: str
    series: str = ""
    flavour: str = ""
    source: str = ""
    fragment: str = ""
    lacks: dict = dataclasses.field(default_factory=dict, hash=False)
    standard: bool = False
    test: tuple = ()
    test_all: tuple = ()

    @property
    def tree(self):
        """Where it is, once fetched or built."""
        return KERNELS / self.name

    @property
    def release(self):
        """As `uname -r` says it, or None if it is not there."""
        try:
            return (self.tree / "release").read_text().strip()
        except FileNotFoundError:
            return None

    @property
    def maker(self):
        """The command that puts it there."""
        script = "build-debug-kernel" if self.source else "fetch-kernels"
        return f"scripts/{script} {self.name}"


def load():
    with TABLE.open("rb") as file:
        rows = tomllib.load(file)
    return {name: Kernel(name=name, **{key: tuple(value) if isinstance(value, list) else value
                                       for key, value in row.items()})
            for name, row in rows.items()}


def find(name):
    kernels = load()
    if name not in kernels:
        raise KernelError(f"there is no kernel {name} in tests/kernels.toml; there are"
                          f" {', '.join(kernels)}")
    return kernels[name]


def sort_key(release):
    """7.3.10 is newer than 7.3.9, and 7.3.4+deb13 than 7.3.4~rc1."""
    return [(0, int(part), "") if part.isdigit() else (-1 if part == "~" else 1, 0, part)
            for part in re.findall(r"\d+|~|[^\d~]+", release)]


class Archive:
    """Apt for some suites, and nothing else."""

    def __init__(self, suites):
        self._suites = tuple(suites)
        self._place = TOP / "build/apt" / "+".join(self._suites)
        self._offered = None
        self._options = [
            "-o", f"Dir::Etc::SourceList={self._place}/suite.sources",
            "-o", "Dir::Etc::SourceParts=-",
            "-o", f"Dir::State={self._place}/state",
            "-o", "Dir::State::status=/dev/null",
            "-o", f"Dir::Cache={self._place}/cache",
            "-o", "Acquire::Languages=none",
            "-o", "APT::Architecture=amd64",
            "-o", "APT::Sandbox::User=" + ("root" if os.getuid() == 0 else ""),
        ]

    def update(self, only_if_never=False):
        """Fetches the lists."""
        self._place.mkdir(parents=True, exist_ok=True)
        with (self._place / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if only_if_never and (self._place / "updated").exists():
                return
            for part in ("state/lists/partial", "cache/archives/partial"):
                (self._place / part).mkdir(parents=True, exist_ok=True)
            (self._place / "suite.sources").write_text("\n".join(map(_source, self._suites)))
            self._run("apt-get", "-qq", "update")
            (self._place / "updated").touch()
        self._offered = None

    def names(self):
        """Of all packages of kernels."""
        if self._offered is None:
            self.update(only_if_never=True)
            self._offered = set(self._run("apt-cache", "pkgnames", "linux-").split())
        return self._offered

    def releases(self, series, flavour):
        """Those that can be booted and built for, the newest last."""
        # As 6.1.0-57-amd64 and 7.3.4+deb13-amd64: the middle has no hyphen, amd64 is not rt-amd64.
        shape = re.compile(r"linux-headers-(\d[0-9.]*(?:-\d+|\+[a-z0-9.+~]+)?-" + flavour + ")")
        matches = filter(None, map(shape.fullmatch, self.names()))
        found = [match[1] for match in matches
                 if _is_of(match[1], series) and self.image(match[1])]
        return sorted(found, key=sort_key)

    def image(self, release):
        """The signed image may reach the archive later than the unsigned one, or the other way
        round; their vmlinuz and modules serve equally."""
        for name in (f"linux-image-{release}", f"linux-image-{release}-unsigned"):
            if name in self.names() and self._has_candidate(name):
                return name
        return None

    def packages(self, release):
        """All that make up a kernel and its headers."""
        wanted, done = [self.image(release), f"linux-headers-{release}"], []
        while wanted:
            name = wanted.pop()
            if name not in done:
                done.append(name)
                wanted += self._parts(name)
        return done

    def version(self, package):
        return self._field(package, "Version")

    def size(self, packages):
        """Bytes to download."""
        return sum(int(self._field(package, "Size")) for package in packages)

    def download(self, packages, directory):
        self._run("apt-get", "-qq", "download", *packages, cwd=directory)

    def _parts(self, package):
        depends = re.findall(r"[a-z0-9.+~-]+", self._field(package, "Depends"))
        return [name for name in depends if re.match(
            r"linux-(binary|modules|base|headers|kbuild)-\d", name)]

    def _has_candidate(self, package):
        return "Package:" in self._run("apt-cache", "show", "--no-all-versions", package,
                                       check=False)

    def _field(self, package, field):
        said = self._run("apt-cache", "show", "--no-all-versions", package)
        match = re.search(rf"^{field}: (.*)$", said, re.MULTILINE)
        return match[1] if match else ""

    def _run(self, command, *arguments, cwd=None, check=True):
        done = subprocess.run([command, *self._options, *arguments], capture_output=True, text=True,
                              cwd=cwd, env={**os.environ, "LC_ALL": "C"})
        if check and done.returncode:
            raise KernelError(f"{command} {' '.join(arguments)} ({', '.join(self._suites)}) failed:"
                              f"\n{done.stderr.strip()}")
        return done.stdout


def _is_of(release, series):
    return not series or re.match(re.escape(series) + r"(?![0-9])", release)


def _source(suite):
    # The archive may be a snapshot: its lists are signed, but of the day it was taken.
    return (f"Types: deb\nURIs: {_mirror(suite)}\nSuites: {suite}\nComponents: main\n"
            f"Signed-By: {KEYRING}\nCheck-Valid-Until: no\n")


def _mirror(suite):
    """Of the archive that this machine's own packages are from; security has one of its own."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(COMPONENT) $(RELEASE) $(REPO_URI)",
         "Created-By: Packages"], capture_output=True, text=True)
    kind = "[a-z]+-security" if suite.endswith("-security") else "[a-z]+"
    for line in said.stdout.splitlines():
        component, release, uri = line.split(None, 2)
        if component == "main" and re.fullmatch(kind, release):
            return uri
    raise KernelError(f"apt has no source like {suite}: see /etc/apt/sources.list.d, and run apt-get update")
