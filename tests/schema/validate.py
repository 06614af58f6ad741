#!/usr/bin/env python3
"""A second opinion on the schemas: jsonschema must judge every document as reports/schema.c does.

Usage: validate.py SCHEMA_FOLDER DUMP
DUMP is what test_reports_schemas writes under VIGIE_SCHEMA_DUMP: one JSON object a line with document,
schema, valid and, for a broken document, the keyword it breaks.  77: jsonschema is missing.
"""
import json
import pathlib
import sys

try:
    import jsonschema
    Validator = jsonschema.Draft202012Validator
except (ImportError, AttributeError):
    print("SKIP: schemas: no python3-jsonschema with draft 2020-12")
    sys.exit(77)


def main(folder, dump):
    validators = {}
    for path in sorted(pathlib.Path(folder).glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        Validator.check_schema(schema)
        validators[path.name.removesuffix(".schema.json")] = Validator(schema)
    count = wrong = 0
    with open(dump, encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            count += 1
            errors = list(validators[item["schema"]].iter_errors(item["document"]))
            if bool(errors) == item["valid"]:
                wrong += 1
                what = errors[0].message[:200] if errors else "no error for broken " + item["keyword"]
                print(f"{item['schema']}: {what}")
    print(f"{count} documents, {wrong} judged differently")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
