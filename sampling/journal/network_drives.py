"""Whether a path lies on a network drive. SQLite's write-ahead log needs memory that all writers share, which no network drive has.

Source: sqlite.org/wal.html, "All processes using a database must be on the same host computer; WAL does not work over a network
filesystem."
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sampling.errors import StateError

# The kinds as Linux and macOS name them. Of FUSE file systems those are listed that reach another machine.
NETWORK_KINDS = frozenset(
    "nfs nfs3 nfs4 cifs smb smb2 smb3 smbfs afp afpfs afs ncpfs ncp 9p v9fs ceph lustre gfs gfs2 ocfs2 glusterfs beegfs gpfs pvfs2"
    " orangefs davfs webdav ftp davfs2 vboxsf prl_fs vmhgfs".split()
)
_REMOTE_FUSE = frozenset(
    "sshfs rclone s3fs goofys gcsfuse davfs2 davfs curlftpfs glusterfs ceph-fuse ceph smbnetfs blobfuse blobfuse2 mount-s3 juicefs"
    " seaweedfs gvfsd-fuse google-drive-ocamlfuse onedriver vmhgfs-fuse".split()
)
_REFUSED = (
    "The journal would lie on a network drive ({kind}), where two writers can destroy it. Name a place on a disk of this computer, or"
    " use PostgreSQL: postgresql://…"
)


def refuse_network_drive(path: Path) -> None:
    """Raises StateError when a file at this path would lie on a network drive, as far as the platform tells."""
    if kind := network_kind(path):
        raise StateError(_REFUSED.format(kind=kind))


def network_kind(path: Path) -> str:
    """Returns the kind of network drive that a path lies on, or nothing where it lies on a disk of this computer."""
    real = Path(os.path.realpath(path))
    if sys.platform == "win32":
        return _windows_kind(real)
    return remote_kind(kind_of(real, _mounts()))


def remote_kind(kind: str) -> str:
    """Returns the kind of file system where it is a network drive's, else nothing.

    >>> remote_kind("nfs4"), remote_kind("fuse.sshfs"), remote_kind("ext4"), remote_kind("fuseblk")
    ('nfs4', 'fuse.sshfs', '', '')
    """
    name = kind.lower()
    remote = name in NETWORK_KINDS or (name.startswith("fuse.") and name.removeprefix("fuse.") in _REMOTE_FUSE)
    return kind if remote else ""


def kind_of(path: Path, mounts: list[tuple[str, str]]) -> str:
    """Returns the kind of the file system that a path lies on; `mounts` has (mount point, kind) in the order of mounting."""
    best, found = -1, ""
    for point, kind in mounts:
        if (path.as_posix() + "/").startswith(point.rstrip("/") + "/") and len(point) >= best:
            best, found = len(point), kind
    return found


def mountinfo(text: str) -> list[tuple[str, str]]:
    """Returns (mount point, kind) of each line of /proc/self/mountinfo (man proc_pid_mountinfo)."""
    found = []
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if separator and len(fields) > 4:
            found.append((_unescaped(fields[4]), after.split(" ")[0]))
    return found


def mac_mounts(text: str) -> list[tuple[str, str]]:
    """Returns (mount point, kind) of each line of macOS's `mount`: //server/share on /Volumes/share (smbfs, nodev)."""
    found = []
    for line in text.splitlines():
        before, separator, after = line.rpartition(" (")
        if separator and " on " in before:
            found.append((before.partition(" on ")[2], after.rstrip(")").split(",")[0]))
    return found


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def _mounts() -> list[tuple[str, str]]:
    if sys.platform == "darwin":
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False, timeout=10)
        return mac_mounts(listed.stdout)
    try:
        return mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return []


def _windows_kind(path: Path) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes

    drive = path.drive
    if drive.startswith("\\\\"):
        return "a shared folder"
    remote = 4  # DRIVE_REMOTE of GetDriveTypeW (learn.microsoft.com, fileapi.h)
    return "a mapped drive" if ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == remote else ""
