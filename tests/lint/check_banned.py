#!/usr/bin/env python3
"""Functions that copy without a bound, guess, depend on the locale or read the wall clock."""
import re

from sources import c_files, code_of, finish, read

BANNED = """strcpy stpcpy strcat strncpy strncat sprintf vsprintf gets strtok strtok_r atoi atol atoll atof scanf fscanf
sscanf vscanf vsscanf strptime localtime localtime_r gmtime gmtime_r mktime timegm ctime asctime setlocale alloca
system popen tmpnam mktemp rand srand gethostname""".split()
CLOCKS = "time clock clock_gettime gettimeofday".split()
# Progress and polling may look at the time that passes; nothing that reaches the data may.
CLOCK_USERS = ("analyzer/cli/", "analyzer/io/follow.c", "analyzer/engine/watch", "tests/")
ALLOWED = {
    ("tests/unit", "system"), ("tests/unit", "setlocale"),
    ("tests/unit", "gmtime_r"),  # the oracle of civil.c
}
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED + CLOCKS))
DECLARATION = re.compile(r"\b(?:int|void|char|bool|struct\s+\w+|int64_t)\s+\**$")


def main():
    failures = []
    for path in c_files():
        name = str(path)
        code = code_of(read(path))
        for call in CALL.finditer(code):
            what = call[1]
            line = code.count("\n", 0, call.start()) + 1
            if DECLARATION.search(code[max(0, call.start() - 40):call.start()]):
                continue
            if what in CLOCKS and name.startswith(CLOCK_USERS):
                continue
            if any(name.startswith(where) and what == allowed for where, allowed in ALLOWED):
                continue
            failures.append(f"{path}:{line}: {what}()")
        if not name.startswith(("tests/", "samples/")):
            for call in re.finditer(r"\bstrlen\s*\(\s*\w*(?:line|record|input|raw)\w*\b", code):
                failures.append(f"{path}:{code.count(chr(10), 0, call.start()) + 1}: strlen on input")
    finish("banned functions", failures)


main()
