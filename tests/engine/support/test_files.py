"""Files are written whole, or not at all."""

import pytest

import engine


def test_a_file_is_replaced_by_its_new_content(tmp_path):
    path = tmp_path / "file.txt"
    for content in (b"one", b"two"):
        engine.write_whole(str(path), content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    path.write_bytes(b"before")

    def half(self, data):
        with self.open("wb") as file:
            file.write(data[:2])
        raise OSError("the disk is full")

    monkeypatch.setattr(type(path), "write_bytes", half)
    with pytest.raises(OSError, match="the disk is full"):
        engine.write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot save .*none does not exist; create it first"):
        engine.write_whole(tmp_path / "none" / "file.txt", b"")
