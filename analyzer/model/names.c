/* names.c: the names of the model's enumerations in JSON. */
#include "analyzer/model/event.h"
#include "analyzer/model/finding.h"
#include "analyzer/model/ledger.h"

const char *time_meaning_name(enum time_meaning m)
{
    static const char *const names[] = {
        [TIME_MEANS_UNKNOWN] = "unknown",
        [TIME_MEANS_REQUEST_START] = "request_start",
        [TIME_MEANS_RESPONSE_END] = "response_end",
        [TIME_MEANS_LOG_WRITE] = "log_write",
    };
    return names[m];
}

const char *const meaning_names[MEANING_COUNT] = {
    [MEANING_NONE] = "none",         [MEANING_LANDING] = "landing",
    [MEANING_DESK] = "desk",         [MEANING_PLANNING] = "planning",
    [MEANING_SLOT] = "slot",         [MEANING_CAPTCHA] = "captcha",
    [MEANING_IDENTITY] = "identity", [MEANING_SUBMITTED] = "submitted",
    [MEANING_CONFIRM] = "confirm",   [MEANING_CANCEL] = "cancel",
};

const char *const identity_names[IDENTITY_KINDS] = {
    [IDENTITY_EMAIL] = "email",
    [IDENTITY_AGDREF] = "agdref",
    [IDENTITY_PHONE] = "phone",
    [IDENTITY_NAME] = "name",
};

const char *const closed_by_names[] = {
    [CLOSED_IDLE] = "idle",
    [CLOSED_COMPLETED] = "completed",
    [CLOSED_END] = "end",
    [CLOSED_EVICTED] = "evicted",
    [CLOSED_INTERRUPTED] = "interrupted", [CLOSED_OPEN] = "open",
};

const char *const family_names[FAMILY_COUNT] = {
    [FAMILY_LATENCY] = "latency",       [FAMILY_STRUCTURE] = "structure",
    [FAMILY_REGULARITY] = "regularity", [FAMILY_NETWORK] = "network",
    [FAMILY_IDENTITY] = "identity",     [FAMILY_LIFECYCLE] = "lifecycle",
    [FAMILY_COORDINATION] = "coordination",
};

const struct named_text field_table[FIELD_COUNT] = {
#define FIELD(id, name, en, fr) [FIELD_##id] = {(name), {{(en), (fr)}}},
#include "analyzer/model/field.def"
#undef FIELD
};

const struct named_text oddity_table[ODDITY_COUNT] = {
#define ODDITY(id, name, en, fr) [ODDITY_##id] = {(name), {{(en), (fr)}}},
#include "analyzer/model/oddity.def"
#undef ODDITY
};

const struct reject_info reject_table[REJECT_COUNT] = {
    [REJECT_NONE] = {"none", {{"not rejected", "non rejetée"}}},
#define REJECT(id, name, en, fr) [REJECT_##id] = {(name), {{(en), (fr)}}},
#include "analyzer/model/reject.def"
#undef REJECT
};
