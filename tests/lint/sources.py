"""What the lint checks share: the project's C files, and C text without comments and strings."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("analyzer", "parsers", "detectors", "reports", "samples/gen", "tests")
_NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def c_files(rooms=ROOMS):
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".c", ".h", ".def") and path.is_file():
                yield path.relative_to(ROOT)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def code_of(text):
    """Same length and lines, comments and literals blanked."""
    return _NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def finish(name, failures):
    for failure in failures:
        print("FAIL:", failure)
    if not failures:
        print(f"{name}: nothing to say")
    sys.exit(1 if failures else 0)
