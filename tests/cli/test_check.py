"""wildcam check: whether rows and files fit, both ways."""

import pytest


@pytest.fixture
def kept(station, pictures):
    station("ingest", "--camera", "CAM01", pictures[0].parent)
    return station


def picture_files(station):
    return sorted((station.data / "images").rglob("*.jpg"))


def findings(station, *options):
    return [(row["what"], row["where"]) for row in
            station.json("check", *options, status=1)["findings"]]


def test_all_is_well(kept):
    assert kept("check").out == "all is well\n"
    assert kept("check", "--deep").out == "all is well\n"
    assert kept.json("check") == {"findings": [], "count": 0}


def test_a_picture_that_is_gone(kept):
    path = picture_files(kept)[0]
    path.unlink()
    image = {row["image_id"] for row in kept.detections()}
    (what, where), = findings(kept)
    assert what == "row without file"
    assert int(where.split()[-1]) in image


def test_a_stray_file(kept):
    stray = picture_files(kept)[0].parent / "stray.jpg"
    stray.write_bytes(b"?")
    (what, where), = findings(kept)
    assert what == "file without row"
    assert where == str(stray.relative_to(kept.data))


def test_a_pictures_name_without_a_row(kept):
    path = picture_files(kept)[0]
    stray = path.with_name("0" * 64 + ".jpg")
    stray.write_bytes(path.read_bytes())
    assert findings(kept) == [("file without row", str(stray.relative_to(kept.data)))]


def test_a_changed_picture_is_found_by_a_deep_look(kept):
    path = picture_files(kept)[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert kept("check").out == "all is well\n", "the length is right"
    (what, _), = findings(kept, "--deep")
    assert what == "damaged file"


def test_a_shortened_picture(kept):
    path = picture_files(kept)[0]
    path.write_bytes(path.read_bytes()[:-1])
    (what, _), = findings(kept)
    assert what == "damaged file"


def test_findings_as_a_table(kept):
    path = picture_files(kept)[0]
    path.unlink()
    (path.parent / "stray.jpg").write_bytes(b"?")
    result = kept("check", status=1)
    assert {row[0] for row in result.rows if len(row) == 3} == {"row without file",
                                                                "file without row"}
    assert result.out.splitlines()[-1] == "2 findings"


def test_a_stray_name_cannot_move_the_cursor(kept):
    (picture_files(kept)[0].parent / "\x1b[2J.jpg").write_bytes(b"?")
    out = kept("check", status=1).out
    assert "\x1b" not in out and "\\x1b[2J.jpg" in out
    (_, where), = findings(kept)
    assert where.endswith("/\x1b[2J.jpg")
