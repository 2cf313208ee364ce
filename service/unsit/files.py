"""Files that root reads and writes in a directory of another user, without following links.

The state directory belongs to the service's user, and root runs ``unsit calibrate``, ``unsit
forget`` and others there. A program that has taken over the service could plant a link in it:
``load_cells.new -> /etc/passwd``. So root goes to a directory step by step, and a link of another
user may lead to a directory of that user alone; in a directory of another user root opens regular
files only, and what it makes there belongs to that user.

Without root's rights, and in root's own directories, a link is followed as everywhere: it can give
nobody a right that they do not have.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from unsit.errors import UnavailableError

try:
    from _blake2 import blake2b  # hashlib takes it from there, and loads 3.6 MB of OpenSSL as well
except ImportError:
    from hashlib import blake2b  # noqa: TID251

ROOT = 0

LINKS_MAX = 40
"""Links on the way to a directory; Linux follows as many."""


class UnsafePathError(UnavailableError):
    """A link, or a file that is no regular one, that another user has put in root's way."""


@dataclass(frozen=True, slots=True)
class Folder:
    """An open directory, in which names are looked up without following a link.

    descriptor: of the directory, from ``O_PATH``. owner, group: who the directory belongs to.
    """

    path: Path
    descriptor: int
    owner: int
    group: int

    @property
    def is_foreign(self) -> bool:
        """True for root in a directory of another user, who may have planted something there."""
        return os.geteuid() == ROOT and self.owner != ROOT

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a file and return its descriptor; one that is made belongs to the directory's owner.

        Raises UnsafePathError for a planted file, OSError as ``os.open`` does.
        """
        if not self.is_foreign:
            return os.open(name, flags | os.O_CLOEXEC, mode, dir_fd=self.descriptor)
        if flags & os.O_CREAT:
            with contextlib.suppress(FileExistsError):
                return self._create(name, flags, mode)
        # A pipe must not keep root waiting, and nothing is cut before it is known what it is.
        careful = flags & ~(os.O_CREAT | os.O_EXCL | os.O_TRUNC) | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(name, careful | os.O_CLOEXEC, dir_fd=self.descriptor)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):  # a link; a pipe or a socket
                raise self._planted(name) from None
            raise
        if not self._is_trusted(os.fstat(descriptor)):
            os.close(descriptor)
            raise self._planted(name)
        if flags & os.O_TRUNC:
            os.ftruncate(descriptor, 0)
        return descriptor

    def status(self, name: str) -> os.stat_result | None:
        """Return the status of a file, None if there is none or if another user has planted it."""
        try:
            found = os.stat(name, dir_fd=self.descriptor, follow_symlinks=not self.is_foreign)
        except FileNotFoundError:
            return None
        return found if not self.is_foreign or self._is_trusted(found) else None

    def _create(self, name: str, flags: int, mode: int) -> int:
        new = flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, new, mode, dir_fd=self.descriptor)
        os.fchown(descriptor, self.owner, self.group)
        return descriptor

    def _is_trusted(self, status: os.stat_result) -> bool:
        """Return whether this is a regular file, and not a second name for a file of a third."""
        is_own = status.st_uid == self.owner or status.st_nlink <= 1
        return stat.S_ISREG(status.st_mode) and is_own

    def _planted(self, name: str) -> UnsafePathError:
        return UnsafePathError(
            f"{self.path / name}: the user {self.owner} has put a link or a special file there, "
            "which root does not follow; look at it, then delete it"
        )


@contextlib.contextmanager
def folder(path: Path, *, create: bool = False) -> Iterator[Folder]:
    """Open a directory for a ``with`` block.

    create: make what is missing of it; in a directory of another user, for them.

    Raises UnsafePathError if the way there is not safe for root, OSError if there is none.
    """
    if os.geteuid() != ROOT:
        if create:
            path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    else:
        descriptor = _walk(path, create=create)
    try:
        status = os.fstat(descriptor)
        yield Folder(path, descriptor, status.st_uid, status.st_gid)
    finally:
        os.close(descriptor)


def _walk(path: Path, *, create: bool) -> int:
    """Go to a directory step by step and return its descriptor.

    A link is followed, but one of another user leads to nothing but a directory of that user.
    """
    names = [*reversed(path.absolute().parts[1:])]
    here = os.open("/", os.O_PATH | os.O_CLOEXEC)
    links: list[tuple[str, int]] = []
    try:
        while names:
            name = names.pop()
            step = _step(here, name, path, links, create=create)
            if stat.S_ISLNK((status := os.fstat(step)).st_mode):
                target = Path(os.readlink("", dir_fd=step))
                os.close(step)
                links.append((name, status.st_uid))
                if len(links) > LINKS_MAX:
                    _fail(errno.ELOOP, path)
                names += reversed(target.parts)  # "/" is among them, and leads there from anywhere
            else:
                os.close(here)
                here = step
        status = os.fstat(here)
        if not stat.S_ISDIR(status.st_mode):
            _fail(errno.ENOTDIR, path)
        _check_links(path, links, status.st_uid)
    except BaseException:
        os.close(here)
        raise
    return here


def _step(here: int, name: str, path: Path, links: list[tuple[str, int]], *, create: bool) -> int:
    flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(name, flags, dir_fd=here)
    except FileNotFoundError:
        if not create:
            raise
    parent = os.fstat(here)
    _check_links(path, links, parent.st_uid)
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, dir_fd=here)
        if parent.st_uid != ROOT:
            os.chown(name, parent.st_uid, parent.st_gid, dir_fd=here, follow_symlinks=False)
    return os.open(name, flags, dir_fd=here)


def _fail(number: int, path: Path) -> NoReturn:
    raise OSError(number, os.strerror(number), str(path))


def _check_links(path: Path, links: list[tuple[str, int]], owner: int) -> None:
    """Raise UnsafePathError for a link of a user that leads to what is not theirs."""
    for name, user in links:
        if user not in (ROOT, owner):
            raise UnsafePathError(
                f"{path}: the user {user} has put the link {name} on the way, which leads to "
                "another user's directory; look at it, then delete it"
            )


def open_file(file: Path, flags: int, mode: int = 0o600) -> int:
    """Open a file as ``os.open`` does, and for root safely.

    Raises UnsafePathError for what another user has planted.
    """
    if os.geteuid() != ROOT:
        return os.open(file, flags | os.O_CLOEXEC, mode)
    with folder(file.parent) as parent:
        return parent.open(file.name, flags, mode)


def read_bytes(file: Path) -> bytes:
    """Return the content of a file. Raises UnsafePathError, OSError."""
    with os.fdopen(open_file(file, os.O_RDONLY), "rb") as opened:
        return opened.read()


def replace_file(file: Path, content: bytes, *, mode: int) -> None:
    """Replace a file in one step, or leave the old one whole; make the directories it needs.

    mode: permissions of a new file; an existing one keeps its own, and if root replaces it, its
    owner. A new file belongs to the directory's owner.

    Raises UnsafePathError, OSError.
    """
    with folder(file.parent, create=True) as parent:
        before = parent.status(file.name)
        name = f".{file.name}.{os.urandom(6).hex()}"
        descriptor = parent.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            with os.fdopen(descriptor, "wb") as new:
                new.write(content)
                if before is not None and os.geteuid() == ROOT:
                    os.fchown(new.fileno(), before.st_uid, before.st_gid)
                os.fchmod(new.fileno(), mode if before is None else stat.S_IMODE(before.st_mode))
                new.flush()
                os.fsync(new.fileno())
            place = parent.descriptor
            os.replace(name, file.name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=parent.descriptor)
            raise


def copy_beside(file: Path, name: str) -> Path:
    """Copy a file to another name in its directory, with mode, owner and date; return the copy.

    Raises FileExistsError if something has that name already, UnsafePathError, OSError.
    """
    with folder(file.parent) as parent:
        with os.fdopen(parent.open(file.name, os.O_RDONLY), "rb") as source:
            status, content = os.fstat(source.fileno()), source.read()
        new = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(name, new, 0o600, dir_fd=parent.descriptor), "wb") as copy:
            copy.write(content)
            if os.geteuid() == ROOT:
                os.fchown(copy.fileno(), status.st_uid, status.st_gid)
            os.fchmod(copy.fileno(), stat.S_IMODE(status.st_mode))
            copy.flush()
            os.utime(copy.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
    return file.with_name(name)


def digest(content: bytes, *, size: int, key: bytes = b"") -> str:
    """Return the BLAKE2b digest of a content as hex digits. size: in bytes, 1 to 64."""
    return blake2b(content, key=key, digest_size=size).hexdigest()
