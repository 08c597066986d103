"""A journal in a file is refused on a network drive, wherever the platform tells."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from sampling.errors import StateError
from sampling.journal import network_drives
from sampling.journal.network_drives import (
    kind_of,
    mac_mounts,
    mountinfo,
    network_kind,
    refuse_network_drive,
    remote_kind,
)
from sampling.journal.store import Journal
from tests.journals import NOW

LINUX = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
40 27 0:50 / /srv/team rw,relatime shared:9 - nfs4 filer:/export/team rw,vers=4.2
41 27 0:51 / /srv/old rw - cifs //filer/old rw
42 40 0:52 / /srv/team/fast rw - xfs /dev/sdb1 rw
43 27 0:53 / /home/a/my\040cloud rw - fuse.sshfs a@host:/ rw
44 27 0:54 / /home/a/stick rw - fuseblk /dev/sdc1 rw
45 27 0:55 / /mnt/c rw - 9p C:\134 rw
46 27 0:56 / /tmp rw - tmpfs tmpfs rw
47 46 0:57 / /tmp/over rw - ext4 /dev/sdd1 rw
48 46 0:58 / /tmp/over rw - nfs filer:/over rw
no mount line at all
"""
MAC = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
//ann@filer/Team on /Volumes/Team (smbfs, nodev, nosuid, mounted by ann)
/dev/disk5 on /Volumes/A on B (hfs, local)
filer:/x on /Volumes/x (nfs)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/team/journal.sqlite", "nfs4"),
        ("/srv/team", "nfs4"),
        ("/srv/teamwork/journal.sqlite", ""),
        ("/srv/old/a/b/journal.sqlite", "cifs"),
        ("/srv/team/fast/journal.sqlite", ""),
        ("/home/a/my cloud/journal.sqlite", "fuse.sshfs"),
        ("/home/a/stick/journal.sqlite", ""),
        ("/mnt/c/Users/a/journal.sqlite", "9p"),
        ("/tmp/journal.sqlite", ""),
        ("/tmp/over/journal.sqlite", "nfs"),
        ("/journal.sqlite", ""),
    ],
)
def test_linux_says_what_a_path_lies_on(path: str, kind: str) -> None:
    assert remote_kind(kind_of(PurePosixPath(path), mountinfo(LINUX))) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/Users/ann/journal.sqlite", ""),
        ("/Volumes/Team/journal.sqlite", "smbfs"),
        ("/Volumes/A on B/journal.sqlite", ""),
        ("/Volumes/x/journal.sqlite", "nfs"),
    ],
)
def test_macos_says_what_a_path_lies_on(path: str, kind: str) -> None:
    assert remote_kind(kind_of(PurePosixPath(path), mac_mounts(MAC))) == kind


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.rclone", "9p", "ceph", "CIFS"]
)
def test_network_kinds_are_known(kind: str) -> None:
    assert remote_kind(kind) == kind


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "apfs", "overlay", "tmpfs", "fuseblk", "fuse.gocryptfs", ""]
)
def test_disks_of_this_computer_are_allowed(kind: str) -> None:
    assert remote_kind(kind) == ""


def test_this_computers_own_disk_is_allowed(tmp_path: Path) -> None:
    assert network_kind(tmp_path / "journal.sqlite") == ""
    refuse_network_drive(tmp_path / "journal.sqlite")


def test_a_journal_on_a_network_drive_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network drive can be mounted in a test: the real folder is told to be one."""
    (tmp_path / "team").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "team")
    table = [("/", "ext4"), (str((tmp_path / "team").resolve()), "nfs4")]
    monkeypatch.setattr(network_drives, "_mounts", lambda: table)
    words = r"The journal would lie on a network drive \(nfs4\), where two writers can destroy it. Name a place on a disk of this computer"
    for path in (tmp_path / "team" / "deep" / "journal.sqlite", tmp_path / "link" / "journal.sqlite"):
        with pytest.raises(StateError, match=words):
            Journal.open(path, create_at=NOW)
    assert list((tmp_path / "team").iterdir()) == []
    Journal.open(tmp_path / "journal.sqlite", create_at=NOW).close()
