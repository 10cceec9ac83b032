"""Each public header stands alone, in C11 and in C++17, and what it declares can be linked."""

import os
import subprocess

import pytest
from support.paths import build_path

from headers import HEADERS, INCLUDE, exported_functions

LANGUAGES = {
    "C11": (os.environ.get("CC", "cc").split(), "c", "c11"),
    "C++17": (os.environ.get("CXX", "c++").split(), "c++", "c++17"),
}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Wshadow", "-Werror"]


def compile_text(language, text, *arguments):
    command, name, standard = LANGUAGES[language]
    command = [*command, f"-x{name}", f"-std={standard}", *WARNINGS, f"-I{INCLUDE}", "-",
               *arguments]
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{' '.join(command)}\n{text}\n{result.stderr}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("header", [path.name for path in HEADERS])
def test_stands_alone(header, language):
    """Alone, and once more behind itself."""
    text = f"#include <wildcam/{header}>\n" * 2 + "typedef int not_empty;\n"
    compile_text(language, text, "-fsyntax-only")


def test_umbrella_includes_all():
    text = (INCLUDE / "wildcam/wildcam.h").read_text()
    missing = [path.name for path in HEADERS
               if path.name != "wildcam.h" and f"#include <wildcam/{path.name}>" not in text]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_declared_function_links(language, tmp_path):
    """In C++ this also shows that no declaration stands outside of extern "C"."""
    library = build_path("lib")
    names = [function.name for function in exported_functions()]
    uses = "\n".join(f"    take(&{name});" for name in names)
    cast = "reinterpret_cast<any *>(f)" if language == "C++17" else "(any *)(f)"
    text = f"""#include <wildcam/wildcam.h>
typedef void any(void);
#define take(f) taken = {cast}
static any *volatile taken;
int main(void)
{{
{uses}
    return taken ? 0 : 1;
}}
"""
    output = tmp_path / "all"
    compile_text(language, text, "-o", output, f"-L{library}", "-lwildcam",
                 f"-Wl,-rpath,{library}", "-Wl,-z,now")
    subprocess.run([output], check=True)
