#!/usr/bin/env python3
"""MegaDetector or SpeciesNet behind a station: animals, people and vehicles, and which animals.

usage: process.detector = process:/path/to/megadetector.py [--model NAME] [--species]
           [--country CODE] [--region CODE]

  --model NAME     MegaDetector's model: MDV5A (the default), another of its names, or a file
  --species        ask SpeciesNet, which also names the animals
  --country CODE   where the cameras are, as ISO 3166-1 alpha-3 (KEN, USA): SpeciesNet then leaves
                   out what does not live there
  --region CODE    and the state within the USA (CA)

It uses what is installed for the Python that runs it:

    python3 -m venv /opt/detector
    /opt/detector/bin/pip install megadetector      # or speciesnet, for --species

    process.detector = process:/opt/detector/bin/python /path/to/megadetector.py

The weights come from the net when it first starts; process.start_timeout has to leave time for it.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from protocol import Detection, Look, NotThisPicture, Picture, fail, run, take_output

# This file's name is the package's: its folder must not be where that is looked for.
HERE = Path(__file__).resolve().parent
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != HERE]

CATEGORIES = {"1": "animal", "2": "person", "3": "vehicle"}
LEAST = 0.005  # what is less sure is not worth a line; process.confidence decides on the rest
GUESSES = 5


def version_of(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def install(package: str, reason: ImportError) -> NoReturn:
    fail(f"{package} cannot be loaded ({reason}). For the Python that runs this: "
         f"python3 -m pip install {package}")


def detections(found: Mapping[str, Any]) -> list[Detection]:
    """From one picture's results in MegaDetector's form, which both speak."""
    if found.get("detections") is None:
        reason = found.get("failure") or ", ".join(map(str, found.get("failures") or ()))
        raise NotThisPicture(str(reason) or "there are no results")
    return [Detection(str(item["category"]), item["conf"], tuple(item["bbox"]))
            for item in found["detections"]
            if item["conf"] >= LEAST and str(item["category"]) in CATEGORIES]


def load_megadetector(model: str) -> tuple[str, str, Look]:
    try:
        from megadetector.detection.run_detector import load_detector
        from megadetector.visualization.visualization_utils import load_image
    except ImportError as reason:
        install("megadetector", reason)
    detector = load_detector(model)

    def look(picture: Picture) -> Sequence[Detection]:
        image = load_image(picture.file)  # upright
        return detections(detector.generate_detections_one_image(
            image, picture.file, detection_threshold=LEAST))

    return f"MegaDetector {Path(model).name}"[:100], version_of("megadetector"), look


def species_of(label: str) -> str:
    """From SpeciesNet's "uuid;class;order;family;genus;species;common name"."""
    parts = label.split(";")
    if len(parts) != 7:
        return label
    _, *ranks, genus, species, common = parts
    if genus == "homo":
        return "human"
    if common == "no cv result":  # which stands in all of them
        return "unknown"
    if genus and species:
        return f"{genus.capitalize()} {species}"
    named = [rank for rank in (*ranks, genus) if rank]
    return named[-1].capitalize() if named else common or "unknown"


Named = tuple[str, float]  # a label and how sure it is


def judged_first(label: str | None, sure: float | None, raw: Mapping[str, Any]) -> list[Named]:
    """The judgement, then the classifier's words. Of these none is surer: the judgement knows what
    lives there, and the station takes the surest for the species."""
    words = list(zip(raw.get("classes", ()), raw.get("scores", ())))
    if not label:
        return words
    if sure is None:
        sure = max((score for _, score in words), default=0)
    return [(label, sure)] + [(word, min(score, sure)) for word, score in words if word != label]


def named_by(item: Mapping[str, Any]) -> list[Named]:
    """What one detection is, as SpeciesNet 5 says it: its judgement, then the classifier's words."""
    judged = item.get("processed_classification") or {}
    raw = item.get("raw_classifications") or {}
    return judged_first(judged.get("class"), judged.get("score"), raw)


def named_for_all(found: Mapping[str, Any]) -> list[Named]:
    """What the whole picture shows, where SpeciesNet does not tell one detection from another:
    version 4, and models that look at whole pictures."""
    for item in found.get("detections") or ():
        if str(item["category"]) not in CATEGORIES:
            return named_by(item)
    return judged_first(found.get("prediction"), found.get("prediction_score"),
                        found.get("classifications") or {})


def named_detections(found: Mapping[str, Any], ids: Mapping[str, str]) -> list[Detection]:
    def known(named: Sequence[Named]) -> list[tuple[str, float]]:
        return [(ids[label], float(sure)) for label, sure in named if label in ids][:GUESSES]

    seen = detections(found)
    kept = [item for item in found["detections"]
            if item["conf"] >= LEAST and str(item["category"]) in CATEGORIES]
    named = [known(named_by(item)) for item in kept]
    if not any(named):
        animals = [i for i, item in enumerate(seen) if item.category == "1"]
        if animals:
            surest = max(animals, key=lambda i: seen[i].confidence)
            named[surest] = known(named_for_all(found))
    return [replace(item, classifications=words) for item, words in zip(seen, named)] + \
        somebody(found, seen)


def somebody(found: Mapping[str, Any], seen: Sequence[Detection]) -> list[Detection]:
    """Whom the whole picture shows while no detection does: he is somewhere on it."""
    said = named_for_all(found)
    if not said or species_of(said[0][0]) != "human" or {"1", "2"} & {item.category for item in seen}:
        return []
    return [Detection("2", float(said[0][1]))]


def load_speciesnet(country: str | None, region: str | None) -> tuple[
        str, str, Look, dict[str, str]]:
    try:
        from speciesnet import DEFAULT_MODEL, SpeciesNet
    except ImportError as reason:
        install("speciesnet", reason)
    model = SpeciesNet(DEFAULT_MODEL)
    # The ensemble may answer with a genus or a family, which the classifier does not know.
    labels = {*model.classifier.labels.values(), *model.ensemble.taxonomy_map.values()}
    ids = {label: str(number) for number, label in enumerate(sorted(labels))}
    place = {"country": country, "admin1_region": region}

    def look(picture: Picture) -> Sequence[Detection]:
        question = {"filepath": picture.file} | {key: at for key, at in place.items() if at}
        answer = model.predict(instances_dict={"instances": [question]}, run_mode="single_thread",
                               progress_bars=False)
        if not answer or not answer.get("predictions"):
            raise NotThisPicture("SpeciesNet gave no answer")
        return named_detections(answer["predictions"][0], ids)

    names = {number: species_of(label)[:100] for label, number in ids.items()}
    return "SpeciesNet", version_of("speciesnet"), look, names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="MDV5A")
    parser.add_argument("--species", action="store_true")
    parser.add_argument("--country")
    parser.add_argument("--region")
    chosen = parser.parse_args()
    answers = take_output()  # before anything is loaded that may print
    names = None
    if chosen.species:
        name, version, look, names = load_speciesnet(chosen.country, chosen.region)
    else:
        name, version, look = load_megadetector(chosen.model)
    run(name, version, look, CATEGORIES, names, answers)


if __name__ == "__main__":
    main()
