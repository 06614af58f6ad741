/* settings.h: everything a run was told, after defaults, configuration file and options. */
#ifndef VIGIE_MODEL_SETTINGS_H
#define VIGIE_MODEL_SETTINGS_H

#include "analyzer/base/limits.h"
#include "analyzer/base/str.h"

struct settings {
    struct str *inputs;
    size_t inputs_count;
    struct str site;        /* profile name or path; "generic" by default */
    struct str format;      /* "auto", a name, "nginx:...", "apache:..." */
    struct str key_map;     /* JSON object for JSON lines: {"theirs": "ours"}; missing when none */
    int64_t since_us, until_us; /* INT64_MIN / INT64_MAX when open; until is exclusive */
    int tz_offset_s;        /* for stamps without a zone */
    int64_t rejects_permille_max; /* more rejects than this share: partial */
    int threads;            /* never reaches data/ */
    struct str out;         /* bundle directory; missing: none */
    struct str case_id;     /* defaults to the last part of out */
    struct str sessions_file, findings_file, rejects_file, alerts_file;
    bool session_records;
    enum lang lang;
    bool quiet, color, progress;
    struct limits limits;
    /* detector parameters that differ from their defaults, "detector.parameter" = value */
    struct setting_param {
        struct str name;
        int64_t value;
    } *params;
    size_t params_count;
    /* rederive: where each source of the recorded run lies now, under the name its ledger gave it.  NULL:
     * the inputs are paths.  Otherwise these are read, in this order, and inputs are only recorded. */
    struct setting_place {
        struct str name, path;
    } *places;
    size_t places_count;
};

struct settings settings_default(void);

#endif
