/* pattern.c: a pattern becomes a row of states; the text moves a set of them along it. */
#include "reports/pattern.h"

#include "analyzer/base/utf8.h"

#define RANGES_MAX 16
#define ATOMS_MAX 64
#define WORDS ((PATTERN_STATES_MAX + 1 + 63) / 64)

struct range {
    uint32_t from, to;
};
struct atom {
    struct range ranges[RANGES_MAX];
    int count;
    bool negated;
};
enum state_kind { STATE_ONE, STATE_OPTIONAL, STATE_LOOP };
struct state {
    uint8_t atom;
    uint8_t kind;
};
struct program {
    struct atom atoms[ATOMS_MAX];
    int atoms_count;
    struct state states[PATTERN_STATES_MAX];
    int states_count;
};
struct states {
    uint64_t bits[WORDS];
};

/* ---- compiling ---- */

static bool next_code(struct str *s, uint32_t *code)
{
    int len = s->n > 0 ? utf8_read(s->p, s->n, code) : 0;
    if (len == 0)
        return false;
    *s = str_sub(*s, len, s->n);
    return true;
}

static bool punctuation(uint32_t c)
{
    return c > ' ' && c < 0x7F && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
           !(c >= '0' && c <= '9');
}

static bool add_range(struct atom *a, uint32_t from, uint32_t to)
{
    if (a->count == RANGES_MAX || from > to)
        return false;
    a->ranges[a->count++] = (struct range){from, to};
    return true;
}

/* One character of a class, an escaped one included; false at anything else. */
static bool class_char(struct str *s, uint32_t *code)
{
    if (!next_code(s, code))
        return false;
    return *code != '\\' || (next_code(s, code) && punctuation(*code));
}

static bool compile_class(struct str *s, struct atom *a)
{
    uint32_t from, to;
    if (s->n > 0 && s->p[0] == '^') {
        a->negated = true;
        *s = str_sub(*s, 1, s->n);
    }
    while (s->n > 0 && s->p[0] != ']') {
        if (str_starts(*s, STR("\\d"))) {
            *s = str_sub(*s, 2, s->n);
            if (!add_range(a, '0', '9'))
                return false;
            continue;
        }
        if (!class_char(s, &from))
            return false;
        to = from;
        bool range = s->n > 1 && s->p[0] == '-' && s->p[1] != ']';
        if (range) {
            *s = str_sub(*s, 1, s->n);
            if (!class_char(s, &to))
                return false;
        }
        if (!add_range(a, from, to))
            return false;
    }
    if (s->n == 0)
        return false;
    *s = str_sub(*s, 1, s->n);
    return a->count > 0;
}

static bool compile_atom(struct str *s, struct atom *a)
{
    uint32_t code;
    if (!next_code(s, &code))
        return false;
    if (code == '[')
        return compile_class(s, a);
    if (code == '.') {
        a->negated = true; /* any character but a line end, as ECMA-262 has it */
        return add_range(a, '\n', '\n') && add_range(a, '\r', '\r') && add_range(a, 0x2028, 0x2029);
    }
    if (code == '\\') {
        if (!next_code(s, &code))
            return false;
        if (code == 'd')
            return add_range(a, '0', '9');
        return punctuation(code) && add_range(a, code, code);
    }
    bool special = code < 0x80 && memchr("^$*+?()[]{}|", (int)code, 12) != NULL;
    return !special && add_range(a, code, code);
}

static bool read_count(struct str *s, int *out)
{
    int n = 0;
    ptrdiff_t i = 0;
    while (i < s->n && s->p[i] >= '0' && s->p[i] <= '9' && n <= PATTERN_STATES_MAX)
        n = n * 10 + (s->p[i++] - '0');
    *out = n;
    *s = str_sub(*s, i, s->n);
    return i > 0 && n <= PATTERN_STATES_MAX;
}

/* The part behind '{'; *max is -1 when it is open. */
static bool read_braces(struct str *s, int *min, int *max)
{
    if (!read_count(s, min))
        return false;
    *max = *min;
    if (s->n > 0 && s->p[0] == ',') {
        *s = str_sub(*s, 1, s->n);
        *max = -1;
        if (s->n > 0 && s->p[0] != '}' && !read_count(s, max))
            return false;
    }
    bool closed = s->n > 0 && s->p[0] == '}';
    *s = str_sub(*s, 1, s->n);
    return closed && (*max < 0 || *max >= *min);
}

static bool read_quantifier(struct str *s, int *min, int *max)
{
    char c = s->n > 0 ? s->p[0] : '\0';
    *min = c == '?' || c == '*' ? 0 : 1;
    *max = c == '*' || c == '+' ? -1 : 1;
    if (c == '?' || c == '*' || c == '+' || c == '{')
        *s = str_sub(*s, 1, s->n);
    if (c == '{' && !read_braces(s, min, max))
        return false;
    return s->n == 0 || (s->p[0] != '?' && s->p[0] != '+'); /* lazy and possessive forms */
}

static bool add_states(struct program *p, int n, enum state_kind kind)
{
    if (n > PATTERN_STATES_MAX - p->states_count)
        return false;
    for (int i = 0; i < n; i++)
        p->states[p->states_count++] = (struct state){(uint8_t)(p->atoms_count - 1), (uint8_t)kind};
    return true;
}

static bool compile(struct str pattern, struct program *p)
{
    if (pattern.n < 2 || pattern.p[0] != '^' || pattern.p[pattern.n - 1] != '$' ||
        pattern.p[pattern.n - 2] == '\\')
        return false;
    struct str s = str_sub(pattern, 1, pattern.n - 1);
    while (s.n > 0) {
        int min, max;
        if (p->atoms_count == ATOMS_MAX)
            return false;
        p->atoms[p->atoms_count] = (struct atom){.count = 0};
        if (!compile_atom(&s, &p->atoms[p->atoms_count++]) || !read_quantifier(&s, &min, &max))
            return false;
        if (!add_states(p, min, STATE_ONE) ||
            !add_states(p, max < 0 ? 1 : max - min, max < 0 ? STATE_LOOP : STATE_OPTIONAL))
            return false;
    }
    return true;
}

/* ---- matching ---- */

static bool atom_has(const struct atom *a, uint32_t code)
{
    for (int i = 0; i < a->count; i++) {
        if (code >= a->ranges[i].from && code <= a->ranges[i].to)
            return !a->negated;
    }
    return a->negated;
}

/* Adds a state and those that can be reached from it without a character. */
static void reach(const struct program *p, struct states *set, int i)
{
    for (;; i++) {
        set->bits[i / 64] |= UINT64_C(1) << (i % 64);
        if (i == p->states_count || p->states[i].kind == STATE_ONE)
            return;
    }
}

static struct states step(const struct program *p, const struct states *from, uint32_t code)
{
    struct states to = {{0}};
    for (int w = 0; w < WORDS; w++) {
        for (uint64_t left = from->bits[w]; left != 0; left &= left - 1) {
            int i = w * 64 + __builtin_ctzll(left);
            if (i < p->states_count && atom_has(&p->atoms[p->states[i].atom], code))
                reach(p, &to, p->states[i].kind == STATE_LOOP ? i : i + 1);
        }
    }
    return to;
}

enum pattern_answer pattern_match(struct str pattern, struct str text)
{
    struct program p;
    p.atoms_count = p.states_count = 0;
    if (!compile(pattern, &p))
        return PATTERN_UNSUPPORTED;
    struct states now = {{0}};
    reach(&p, &now, 0);
    uint32_t code;
    while (text.n > 0) {
        if (!next_code(&text, &code))
            return PATTERN_DIFFERS;
        now = step(&p, &now, code);
    }
    bool ended = (now.bits[p.states_count / 64] >> (p.states_count % 64) & 1) != 0;
    return ended ? PATTERN_MATCHES : PATTERN_DIFFERS;
}
