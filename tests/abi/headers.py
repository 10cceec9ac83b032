"""The public headers as data: every exported function with its parameters and its comment."""

import re
from dataclasses import dataclass

from support.paths import SOURCE_ROOT

INCLUDE = SOURCE_ROOT / "include"
HEADERS = sorted(INCLUDE.glob("wildcam/*.h"))
EXPORTED = re.compile(r"(?:/\*\*((?:(?!\*/).)*)\*/\s*)?^WILDCAM_API\s+([^;]*);", re.M | re.S)
DECLARATION = re.compile(r"^(.*?)\b(wildcam_\w+)\((.*)\)\s*(?:__attribute__.*)?$", re.S)


@dataclass
class Function:
    header: str
    name: str
    result: str
    parameters: list
    comment: str

    def __str__(self):
        return f"{self.header}: {self.name}"


def parameter_names(text):
    """The names in a parameter list without function pointers, which the style forbids."""
    if text.strip() == "void":
        return []
    return [re.sub(r"\[.*", "", part).split()[-1].lstrip("*") for part in text.split(",")]


def read_function(header, comment, declaration):
    match = DECLARATION.match(" ".join(declaration.split()))
    assert match, f"{header}: not understood: {declaration}"
    result, name, parameters = match.groups()
    words = re.sub(r"^\s*\* ?", "", comment or "", flags=re.M)
    return Function(header, name, result.strip(), parameter_names(parameters), words)


def exported_functions():
    return [read_function(path.name, comment, declaration)
            for path in HEADERS for comment, declaration in EXPORTED.findall(path.read_text())]


def map_nodes():
    """The symbol map: for each node, in order, its names."""
    text = re.sub(r"/\*.*?\*/", "", (SOURCE_ROOT / "lib/libwildcam.map").read_text(), flags=re.S)
    return {node: re.findall(r"\bwildcam_\w+", names)
            for node, names in re.findall(r"(LIBWILDCAM_[\d.]+) \{(.*?)\}", text, re.S)}


def statuses():
    """The names in the one list of statuses."""
    rows = re.findall(r"^    X\((OK|ERR_\w+),", (INCLUDE / "wildcam/status.h").read_text(), re.M)
    return {"WILDCAM_" + name for name in rows}
