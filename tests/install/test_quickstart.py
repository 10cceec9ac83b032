"""examples/quickstart.sh: what a new user starts first. It uses what is built, and builds nothing."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.paths import SOURCE_ROOT, build_path, make_pictures, real_data, real_pictures

QUICKSTART = SOURCE_ROOT / "examples/quickstart.sh"
TIMEOUT = 240  # a safety net, with room for a busy machine
PAINTED = 12


@pytest.fixture
def scratch(tmp_path):
    """Where it puts its scratch folder: in a place with a blank in its name; empty at the end."""
    folder = tmp_path / "for a while"
    folder.mkdir()
    yield folder
    assert not list(folder.iterdir())


def hear_signals():
    """A shell cannot hear what was ignored when it began, as under nohup."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def started(scratch, *arguments, settings=None, where=None):
    """The script, its output to be read, in a session of its own; nothing of it may be left."""
    environment = {**os.environ, "WILDCAM_BUILD": str(build_path(".")), "TMPDIR": str(scratch),
                   **(settings or {})}
    process = subprocess.Popen([QUICKSTART, *arguments], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, start_new_session=True,
                               preexec_fn=hear_signals, cwd=where or scratch.parent,
                               env=environment)
    try:
        yield process
    finally:
        left = living(process.pid)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        process.stdout.close()
        process.wait(TIMEOUT)
    assert not left


def living(session):
    """The processes of a session, but those that have ended and only wait to be noticed."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def run(scratch, *arguments, **options):
    """Its exit status and what it said."""
    with started(scratch, "--once", *arguments, **options) as process:
        output, _ = process.communicate(timeout=TIMEOUT)
        return process.returncode, output


def paint(folder):
    """The demo's own pictures, small: their paths."""
    subprocess.run([build_path("examples/demo/scene"), "--size", "160x120", "--date", "2026-03-04",
                    folder], check=True)
    return sorted(folder.rglob("*.jpg"))


def stored(output):
    """What it counted: new pictures, those kept before, those left out."""
    return tuple(map(int, re.search(r"pictures: (\d+) new, (\d+) kept before, (\d+) left out",
                                    output).groups()))


def table(output, heading, row):
    """The rows below a heading."""
    rows = output.partition(f"\n{heading}\n")[2].partition("\n\n")[0].splitlines()
    return [re.fullmatch(row, line).groups() for line in rows]


def test_shows_its_own_pictures(scratch):
    status, output = run(scratch)
    assert status == 0, output
    assert stored(output) == (PAINTED, 0, 0)
    for words in ["Ridge trail", "Old orchard", "Mill creek", "Cervus elaphus", "Vulpes vulpes",
                  "Sus scrofa", "blank", "unclassified", "Health: ok", "/api/openapi.json"]:
        assert words in output
    # what the pictures' side files say, counted
    seen = table(output, "What was seen most", r"  (\w+ \w+) +(\d+)  (#*)")
    assert {name for name, *_ in seen} == {"Cervus elaphus", "Vulpes vulpes", "Sus scrofa"}
    hours = table(output, "When (hours with any)", r"  (\d\d) h +(\d+)  (#*)")
    assert sum(int(count) for _, count, _ in hours) == PAINTED - 2  # which are blank
    assert all(int(count) == len(bar) > 0 for _, count, bar in seen + hours)
    assert output.endswith("All of it worked, and the server is stopped.\n")


def test_takes_real_pictures(scratch):
    folder = real_data() / "cameratrap-jpegs"
    status, output = run(scratch, folder)
    assert status == 0, output
    assert stored(output) == (len(real_pictures("cameratrap-jpegs")) - 1, 0, 1)
    assert "african_elephants_truncated_file.jpg: the picture is cut off" in output


def test_takes_any_names_and_knows_pictures_again(scratch, tmp_path):
    """From wherever it is called; the station that was asked for stays."""
    cards = tmp_path / "cards of 'mine'"
    first, second, third = make_pictures(cards, 3)
    card = cards / 'near "x"; y, z=1\nw' / "images/20260302"
    card.mkdir(parents=True)
    first.rename(card / "IMG_061530_001.jpg")
    second.rename(cards / "-o;type=text\n.JPEG")
    third.rename(cards / "not a picture.txt")
    settings = {"WILDCAM_DATA_DIR": "my station"}
    status, output = run(scratch, cards.name, settings=settings)
    assert status == 0, output
    assert stored(output) == (2, 0, 0)
    assert re.search(r'2026-03-02 06:15:30  near "x"; y, z=1w +unclassified', output)
    assert (tmp_path / "my station/station.db").exists()
    status, output = run(scratch, cards.name, settings=settings)
    assert status == 0, output
    assert stored(output) == (0, 2, 0)


@pytest.mark.parametrize("given, cameras", [
    ("cards", ["CAM01", "gate", "cards"]),  # as wildcam ingest names them
    ("cards/CAM01", ["CAM01"]),
    ("cards/CAM01/DCIM", ["CAM01"]),
])
def test_a_cards_own_folders_are_no_cameras(scratch, tmp_path, given, cameras):
    cards = tmp_path / "cards"
    for place in ["beside.jpg", "2026-03-05/beside.jpg", "CAM01/DCIM/100RECNX/1.jpg",
                  "CAM01/DCIM/101RECNX/2.jpg", "CAM01/DCIM/100MEDIA/3.jpg", "gate/20260301/4.jpg",
                  "gate/near/5.jpg"]:
        (cards / place).parent.mkdir(parents=True, exist_ok=True)
        make_pictures(tmp_path / "made", 1, first=len(place))[0].rename(cards / place)
    status, output = run(scratch, given)
    assert status == 0, output
    assert f"cameras: {len(cameras)}\n" in output
    named = re.findall(r"^ +[0-9a-f]{8}  +(\S+) +\d+ taken in", output, re.M)
    assert set(named) == set(cameras)


@pytest.mark.parametrize("name, kept", [
    ("x" * 240, "x" * 100), ("x" + "\u00e9" * 120, "x" + "\u00e9" * 49)])
def test_a_long_name_is_cut(scratch, tmp_path, name, kept):
    """Between two characters."""
    make_pictures(tmp_path / "cards" / name, 1)
    status, output = run(scratch, "cards")
    assert status == 0, output
    assert re.search(rf" {kept} +1 taken in", output)


def test_takes_another_port_when_its_own_is_taken(scratch, tmp_path):
    make_pictures(tmp_path / "card", 1)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8080))
            other.listen()
        except OSError:
            pass  # somebody else holds it: as good
        status, output = run(scratch, "card")
    assert status == 0, output
    assert re.search(r"^server +http://127\.0\.0\.1:(?!8080$)\d+$", output, re.M)


@pytest.mark.parametrize("arguments, settings, sentence", [
    (["--twice"], {}, "--twice: there is no such option; see --help"),
    (["card", "card"], {}, "one folder of pictures at most; see --help"),
    (["nowhere"], {}, "nowhere: there is no such folder"),
    (["empty"], {}, "no picture of {folder}/empty was taken in"),
    (["card"], {"WILDCAM_DATA_DIR": "empty/file"}, "the server does not start: "),
    (["card"], {"WILDCAM_DISK_MIN_FREE_BYTES": "1024T"}, "cannot register: 507 "),
    (["card"], {"WILDCAM_IMAGES_STRIP": "all"}, "does not come back as it was sent"),
    (["card"], {"WILDCAM_IMAGES_MAX_BYTES": "1024"}, "no picture of {folder}/card was taken in"),
    (["card"], {"WILDCAM_BUILD": "empty/file"}, "it does not build"),
])
def test_says_what_has_not_worked(scratch, tmp_path, arguments, settings, sentence):
    (tmp_path / "card").mkdir()
    shutil.copy(paint(tmp_path / "painted")[0], tmp_path / "card")  # it says where it was taken
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/file").touch()
    if "WILDCAM_BUILD" in settings:
        settings = {"WILDCAM_BUILD": str(tmp_path / settings["WILDCAM_BUILD"])}
    status, output = run(scratch, *arguments, settings=settings)
    assert status == 1, output
    last = output.splitlines()[-1]
    assert last.startswith("quickstart: ")
    assert sentence.format(folder=tmp_path.resolve()) in last


# Ctrl-C and a terminal that closes tell all; kill tells the script alone.
SIGNALS = {"Ctrl-C": (os.killpg, signal.SIGINT), "hang-up": (os.killpg, signal.SIGHUP),
           "kill": (os.kill, signal.SIGTERM)}


@pytest.mark.parametrize("name", SIGNALS)
def test_serves_until_it_is_told_to_stop(scratch, tmp_path, name):
    picture, = make_pictures(tmp_path / "card", 1)
    tell, number = SIGNALS[name]
    address = image = None
    with started(scratch, "card") as process:
        for line in process.stdout:
            address = address or re.match(r"server +http://([\d.]+):(\d+)$", line)
            image = image or re.search(r"(/api/images/\d+)$", line)
            if "until Ctrl-C" in line:
                break
        connection = http.client.HTTPConnection(address[1], int(address[2]), timeout=TIMEOUT)
        connection.request("GET", image[1])
        assert connection.getresponse().read() == picture.read_bytes()
        connection.close()
        tell(process.pid, number)
        output, _ = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0
        assert output == "\nStopped, and the scratch folder is removed.\n"


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("step", ["build", "server", "cameras"])
def test_leaves_nothing_when_it_is_interrupted(scratch, tmp_path, name, step):
    make_pictures(tmp_path / "card", 20)
    tell, number = SIGNALS[name]
    with started(scratch, "card") as process:
        for line in process.stdout:
            if line.startswith(step):
                break
        tell(process.pid, number)
        process.communicate(timeout=TIMEOUT)
        assert process.returncode == 128 + number


def test_paints_the_same_pictures_again(tmp_path):
    first, second = (paint(tmp_path / name) for name in ["first", "second"])
    assert len(first) == PAINTED
    for path, again in zip(first, second, strict=True):
        assert path.read_bytes() == again.read_bytes()
        assert path.with_suffix(".json").read_bytes() == again.with_suffix(".json").read_bytes()


def test_painted_pictures_tell_when_they_were_taken(scratch, tmp_path):
    """Without what is sent beside them, their EXIF does."""
    loose = tmp_path / "loose"
    loose.mkdir()
    for number, path in enumerate(paint(tmp_path / "cards")):
        shutil.copy(path, loose / f"{number}.jpg")
    status, output = run(scratch, "loose")
    assert status == 0, output
    assert "2026-03-03 16:49:02  loose" in output
