"""The detectors of examples/detectors, asked as a station asks them (README.md there tells how)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import SOURCE_ROOT, make_pictures

DETECTORS = SOURCE_ROOT / "examples" / "detectors"


class Child:
    """A detector that runs, and the lines that go to and fro."""

    def __init__(self, *command, packages=None, **environment):
        known = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1",
                 "WILDCAM_DETECTOR_PROTOCOL": "1", **environment}
        if packages:
            known["PYTHONPATH"] = str(packages)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=known, cwd="/")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def line(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, file, id=1, **more):
        question = {"id": id, "file": str(file), "device_id": "gate", "time": None, **more}
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        self.process.stdin.flush()
        return self.line()

    def end(self):
        """Ends its input: its exit status, and what it said to whoever reads the log."""
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors.decode()


def script(name, *arguments):
    return [sys.executable, str(DETECTORS / name), *arguments]


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return make_pictures(tmp_path_factory.mktemp("pictures"), 1)[0]


# ---- the stand-in ----

def test_stand_in_answers_the_same_for_the_same_file(picture):
    with Child(*script("standin.py")) as child:
        hello = child.line()
        assert hello["protocol"] == 1 and hello["detector"] == "stand-in"
        first, again = child.ask(picture, id=2**53 - 1), child.ask(picture, id=2)
        assert first["id"] == 2**53 - 1 and again["id"] == 2
        assert first["detections"] == again["detections"]
        found, = first["detections"]
        assert found["category"] in hello["detection_categories"]
        assert 0 <= found["conf"] <= 1 and found["bbox"] == [0.25, 0.25, 0.5, 0.5]
        assert child.end() == (0, "")


@pytest.mark.parametrize("data, reason", [
    (None, "it cannot be read: No such file or directory"),
    (b"", "it is no JPEG"),
    (b"text", "it is no JPEG"),
    (b"\xff\xd8\xff\xe0\x00\x04ab", "it has no size"),
    (b"\xff\xd8\xff\xe0\x00\x00ab", "it has no size"),
    (b"\xff\xd8abcdef", "there is no marker at byte 2"),
    (b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x00\x00\x00", "it has no size"),
])
def test_stand_in_fails_with_one_picture_only(tmp_path, picture, data, reason):
    odd = tmp_path / "odd.jpg"
    if data is not None:
        odd.write_bytes(data)
    with Child(*script("standin.py")) as child:
        child.line()
        answer = child.ask(odd, id=5)
        assert answer == {"id": 5, "file": str(odd), "failure": reason}
        assert "detections" in child.ask(picture)


def test_another_protocol_is_refused():
    with Child(*script("standin.py"), WILDCAM_DETECTOR_PROTOCOL="2") as child:
        status, errors = child.end()
        assert status == 1 and "speaks version 2" in errors


NUMBERS = """
import sys
sys.path.insert(0, %r)
from protocol import Detection, run
def look(picture):
    if picture.device_id == "box":
        return [Detection("1", 0.5, (0, 0, float("inf"), 1))]
    if picture.device_id == "guess":
        return [Detection("1", 0.5, classifications=[("0", float("nan"))])]
    return [Detection("1", float(picture.device_id))]
run("numbers", "1", look, {"1": "animal"}, {"0": "fox"})
""" % str(DETECTORS)


@pytest.mark.parametrize("what", ["nan", "inf", "box", "guess"])
def test_number_that_is_none_fails_one_picture_only(what):
    with Child(sys.executable, "-c", NUMBERS) as child:
        child.line()
        answer = child.ask("/a picture", device_id=what)
        assert answer["failure"] == "the model answers with a number that is none"
        assert child.ask("/a picture", device_id="0.5")["detections"]


# ---- MegaDetector and SpeciesNet, as far as they are used ----

def make_package(root, files):
    for name, text in files.items():
        path = root / name
        for folder in [*path.relative_to(root).parents][:-1]:
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / "__init__.py").touch()
        path.write_text(text)
    return root


MEGADETECTOR = {
    "megadetector/detection/run_detector.py": """
print("loading weights")
class Detector:
    def generate_detections_one_image(self, image, name, detection_threshold):
        print("looking at", name)
        if image == b"bad":
            return {"file": name, "failure": "image access failure", "detections": None}
        if image == b"worse":
            raise ValueError("no such tensor")
        return {"file": name, "detections": [
            {"category": "1", "conf": 0.9, "bbox": [0.1, 0.2, 0.3, 0.4]},
            {"category": "2", "conf": 0.001, "bbox": [0, 0, 1, 1]}]}
def load_detector(model):
    if model == "none":
        raise RuntimeError("no such model")
    return Detector()
""",
    "megadetector/visualization/visualization_utils.py": """
def load_image(path):
    return open(path, "rb").read()
""",
}


def test_megadetector_is_asked(tmp_path):
    packages = make_package(tmp_path, MEGADETECTOR)
    good, bad, worse = (tmp_path / name for name in ("good", "bad", "worse"))
    for file in (good, bad, worse):
        file.write_bytes(file.name.encode())
    with Child(*script("megadetector.py"), packages=packages) as child:
        hello = child.line()
        assert hello["detector"] == "MegaDetector MDV5A"
        assert hello["detection_categories"] == {"1": "animal", "2": "person", "3": "vehicle"}
        assert child.ask(good)["detections"] == [
            {"category": "1", "conf": 0.9, "bbox": [0.1, 0.2, 0.3, 0.4]}]
        assert child.ask(bad)["failure"] == "image access failure"
        assert child.ask(worse)["failure"] == "ValueError: no such tensor"
        assert "detections" in child.ask(good)
        status, errors = child.end()
        # What the library prints goes to the log and not among the answers.
        assert status == 0 and "loading weights" in errors and "looking at" in errors


def test_megadetector_says_what_to_install():
    for arguments, package in (((), "megadetector"), (("--species",), "speciesnet")):
        with Child(*script("megadetector.py", *arguments), packages="/nowhere") as child:
            status, errors = child.end()
            assert status == 1 and f"pip install {package}" in errors
            assert len(errors.splitlines()) == 1


def test_megadetector_without_its_model(tmp_path):
    with Child(*script("megadetector.py", "--model", "none"),
               packages=make_package(tmp_path, MEGADETECTOR)) as child:
        status, errors = child.end()
        assert status == 1 and errors.splitlines()[-1] == "RuntimeError: no such model"


FOX = "1a;mammalia;carnivora;canidae;vulpes;vulpes;red fox"
DOG_FAMILY = "2b;mammalia;carnivora;canidae;;;canine family"
BLANK = "3c;;;;;;blank"
HUMAN = "4d;mammalia;primates;hominidae;homo;sapiens;human"
NOTHING = "5e" + ";no cv result" * 6

SPECIESNET = """
import json, os
DEFAULT_MODEL = "default"
class Classifier:
    labels = {0: %r, 1: %r, 2: %r, 3: %r}
class Ensemble:
    taxonomy_map = {"mammalia;carnivora;canidae;;": %r}
class SpeciesNet:
    def __init__(self, name):
        assert name == "default"
        self.classifier, self.ensemble = Classifier(), Ensemble()
    def predict(self, instances_dict, run_mode, progress_bars):
        instance, = instances_dict["instances"]
        assert instance.get("country") == "DEU" and "admin1_region" not in instance
        return {"predictions": [json.load(open(instance["filepath"]))]}
""" % (FOX, BLANK, HUMAN, NOTHING, DOG_FAMILY)

BOX = [0.1, 0.1, 0.2, 0.2]
NAMED = [[FOX, 0.7], [BLANK, 0.1]]


def detection(conf, category="1", **more):
    return {"category": category, "label": "animal", "conf": conf, "bbox": BOX, **more}


@pytest.mark.parametrize("said, wanted", [
    # version 5: each detection for itself, and what is judged before what the classifier says
    ({"detections": [
        detection(0.9, processed_classification={"class": DOG_FAMILY, "score": 0.8},
                  raw_classifications={"classes": [FOX, DOG_FAMILY, BLANK],
                                       "scores": [0.5, 0.3, 0.1]}),
        detection(0.5)]},
     [(0.9, [("Canidae", 0.8), ("Vulpes vulpes", 0.5), ("blank", 0.1)]), (0.5, [])]),
    # ... also where the classifier was surer of what does not live there
    ({"detections": [
        detection(0.9, processed_classification={"class": DOG_FAMILY, "score": 0.4},
                  raw_classifications={"classes": [FOX, BLANK], "scores": [0.5, 0.1]})]},
     [(0.9, [("Canidae", 0.4), ("Vulpes vulpes", 0.4), ("blank", 0.1)])]),
    # version 5 with a model that looks at whole pictures
    ({"detections": [
        detection(1, "0", processed_classification={"class": FOX, "score": 0.6}),
        detection(0.4), detection(0.6)]},
     [(0.4, []), (0.6, [("Vulpes vulpes", 0.6)])]),
    # version 4
    ({"detections": [detection(0.9), detection(0.3)], "prediction": FOX, "prediction_score": 0.7,
      "classifications": {"classes": [FOX, BLANK], "scores": [0.7, 0.1]}},
     [(0.9, [("Vulpes vulpes", 0.7), ("blank", 0.1)]), (0.3, [])]),
    ({"detections": [], "prediction": BLANK, "prediction_score": 0.9}, []),
    ({"detections": [detection(0.8, "2")], "prediction": FOX}, [(0.8, [])]),
    ({"detections": [detection(0.8)], "prediction": NOTHING, "prediction_score": 0.9},
     [(0.8, [("unknown", 0.9)])]),
    # somebody, be it on an animal's box or on none
    ({"detections": [detection(0.8)], "prediction": HUMAN, "prediction_score": 0.9},
     [(0.8, [("human", 0.9)])]),
    ({"detections": [], "prediction": HUMAN, "prediction_score": 0.9}, [(0.9, [])]),
    ({"detections": [detection(0.8, "3")], "prediction": HUMAN, "prediction_score": 0.9},
     [(0.8, []), (0.9, [])]),
    ({"detections": [detection(0.8, "2")], "prediction": HUMAN, "prediction_score": 0.9},
     [(0.8, [])]),
    # the place is not known, but the rest is
    ({"detections": [detection(0.9)], "failures": ["GEOLOCATION"]}, [(0.9, [])]),
])
def test_speciesnet_names_animals(tmp_path, said, wanted):
    packages = make_package(tmp_path, {"speciesnet/__init__.py": SPECIESNET})
    file = tmp_path / "picture"
    file.write_text(json.dumps(said))
    with Child(*script("megadetector.py", "--species", "--country", "DEU"),
               packages=packages) as child:
        names = child.line()["classification_categories"]
        answer = child.ask(file)
        assert [(found["conf"], [(names[label], sure)
                                 for label, sure in found.get("classifications", ())])
                for found in answer["detections"]] == wanted


def test_speciesnet_that_fails_says_with_what(tmp_path):
    packages = make_package(tmp_path, {"speciesnet/__init__.py": SPECIESNET})
    file = tmp_path / "picture"
    file.write_text(json.dumps({"failures": ["DETECTOR", "CLASSIFIER"]}))
    with Child(*script("megadetector.py", "--species", "--country", "DEU"),
               packages=packages) as child:
        child.line()
        assert child.ask(file)["failure"] == "DETECTOR, CLASSIFIER"


# ---- the README ----

def test_readme_has_what_is_said():
    text = (DETECTORS / "README.md").read_text()
    blocks = [json.loads(block) for block in
              (part.split("```")[0] for part in text.split("```json\n")[1:])]
    hello, question, answer, failure = blocks
    assert hello["protocol"] == 1 and question["id"] == answer["id"] == failure["id"]
    labels = {label for found in answer["detections"] for label, _ in found["classifications"]}
    assert labels <= hello["classification_categories"].keys()
    with Child(*script("standin.py")) as child:
        assert set(child.line()) <= set(hello)


def test_scripts_can_be_run():
    for path in DETECTORS.glob("*.py"):
        assert os.access(path, os.X_OK) == path.read_text().startswith("#!")
    assert Path(DETECTORS / "standin.py").read_text().startswith("#!/usr/bin/env python3\n")
