#!/usr/bin/env python3
"""A function fits one screen (60 lines; the median is printed), takes at most 6 parameters and nests at most 4
deep; a line has at most 120 columns (100 are wanted) and no tab; a header has its guard; a file begins by saying what it is."""
import re
import statistics

from sources import c_files, code_of, finish, read

LINES_MAX, PARAMETERS_MAX, NESTING_MAX = 60, 6, 4
COLUMNS_MAX = 120  # 100 are wanted; what is over is counted
COLUMNS_WANTED = 100
MANY_PARAMETERS = ("log_format_open(",)  # a contract older than the rule


def functions(code):
    """(head, first line, body lines, deepest nesting) of each function: a brace in column 0 opens and closes one."""
    lines = code.split("\n")
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line == "}" and start is not None:
            body = lines[start + 1:i]
            head = []
            for k in range(start - 1, -1, -1):
                if not lines[k].strip() or lines[k].rstrip().endswith((";", "}")) or lines[k].startswith("#"):
                    break
                head.insert(0, lines[k])
            depth = deepest = 0
            for text in body:
                for c in text:
                    depth += (c == "{") - (c == "}")
                    deepest = max(deepest, depth)
            yield " ".join(head), start + 1 - len(head), len(body) + len(head) + 2, deepest
            start = None


def parameters(head):
    inside = head[head.find("(") + 1:head.rfind(")")]
    depth, commas = 0, 0
    for c in inside:
        depth += (c == "(") - (c == ")")
        commas += c == "," and depth == 0
    return 0 if inside.strip() in ("", "void") else commas + 1


def main():
    failures, lengths, wide = [], [], 0
    for path in c_files():
        name, text = str(path), read(path)
        code = code_of(text)
        blanked = code.split("\n")
        for number, line in enumerate(text.splitlines(), 1):
            if '"' in line and len(" ".join(blanked[number - 1].split())) < 80:
                line = line[:COLUMNS_WANTED].rstrip()  # a sentence is not cut for its length
            wide += len(line) > COLUMNS_WANTED and not name.startswith("tests/")
            if len(line) > COLUMNS_MAX and path.suffix != ".def" and not name.startswith("tests/"):
                failures.append(f"{path}:{number}: {len(line)} columns")
            if "\t" in line:
                failures.append(f"{path}:{number}: a tab")
            if line != line.rstrip():
                failures.append(f"{path}:{number}: trailing space")
        if path.suffix != ".def" and not text.startswith("/*"):
            failures.append(f"{path}: does not begin by saying what it is")
        if path.suffix == ".h" and not re.search(r"#ifndef (\w+)\n#define \1\n", text):
            failures.append(f"{path}: no include guard")
        if name.startswith("tests/"):
            continue
        for head, line, length, nesting in functions(code):
            lengths.append(length)
            if length > LINES_MAX + 3: # the head and the braces are not the function's text
                failures.append(f"{path}:{line}: {length} lines: {head[:60]}")
            if parameters(head) > PARAMETERS_MAX and not any(e in head for e in MANY_PARAMETERS):
                failures.append(f"{path}:{line}: {parameters(head)} parameters: {head[:60]}")
            if nesting > NESTING_MAX:
                failures.append(f"{path}:{line}: nested {nesting} deep: {head[:60]}")
    if lengths:
        lengths.sort()
        print(f"{len(lengths)} functions, lines: median {statistics.median(lengths):.0f}, "
              f"95th percentile {lengths[len(lengths) * 95 // 100]}, most {lengths[-1]}; {wide} lines over "
              f"{COLUMNS_WANTED} columns")
    finish("style", failures)


main()
