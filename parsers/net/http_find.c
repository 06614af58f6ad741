/* http_find.c: first lines where nobody knows where a message begins: after a gap, and of a connection whose
 * protocol is not known yet. */
#include "parsers/net/http_priv.h"

static const struct str known_methods[] = {
    STR_INIT("GET"),       STR_INIT("POST"),     STR_INIT("HEAD"),    STR_INIT("PUT"),
    STR_INIT("DELETE"),    STR_INIT("OPTIONS"),  STR_INIT("CONNECT"), STR_INIT("TRACE"),
    STR_INIT("PATCH"),     STR_INIT("PROPFIND"), STR_INIT("REPORT"),  STR_INIT("MKCOL"),
    STR_INIT("COPY"),      STR_INIT("MOVE"),     STR_INIT("LOCK"),    STR_INIT("UNLOCK"),
    STR_INIT("PROPPATCH"), STR_INIT("SEARCH"),   STR_INIT("QUERY")};
enum { METHOD_LONGEST = 24, STATUS_TEXT = 12 /* "HTTP/1.1 200" */ };

static bool is_upper(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static bool is_known(struct str method)
{
    for (size_t i = 0; i < sizeof known_methods / sizeof *known_methods; i++)
        if (str_eq(method, known_methods[i]))
            return true;
    return false;
}

/* " HTTP/1.x" at the end of a line whose end was cut off; the position of the blank, or -1. */
static ptrdiff_t version_at(struct str line)
{
    enum { VERSION_TEXT = 9 };
    while (line.n > 0 && (uint8_t)line.p[line.n - 1] <= ' ')
        line.n--;
    ptrdiff_t at = line.n - VERSION_TEXT;
    if (at < 1 || !str_eq(str_sub(line, at, at + VERSION_TEXT - 1), STR(" HTTP/1.")))
        return -1;
    return at;
}

ptrdiff_t find_request(struct str line)
{
    ptrdiff_t version = version_at(line), end = version;
    while (end > 0 && line.p[end - 1] == ' ')
        end--;
    ptrdiff_t target = end;
    while (target > 0 && (uint8_t)line.p[target - 1] > ' ')
        target--;
    if (version < 0 || target == end || target < 2 || line.p[target - 1] != ' ')
        return -1;
    /* The method may stand right behind the last byte of a body. */
    ptrdiff_t from = target - 1;
    while (from > 0 && is_upper(line.p[from - 1]) && target - 1 - from < METHOD_LONGEST)
        from--;
    if (from == 0 && target > 1)
        return 0;
    for (ptrdiff_t at = from; at < target - 1; at++)
        if (is_known(str_sub(line, at, target - 1)))
            return at;
    return -1;
}

ptrdiff_t find_status(struct str line)
{
    const struct str start = STR("HTTP/1.");
    for (ptrdiff_t at = 0; at + STATUS_TEXT <= line.n; at++) {
        ptrdiff_t found = str_find_str(str_sub(line, at, line.n), start);
        if (found < 0)
            return -1;
        at += found;
        if (at + STATUS_TEXT > line.n)
            return -1;
        const char *p = line.p + at + start.n;
        bool digits = p[0] >= '0' && p[0] <= '9';
        for (int i = 2; i < 5; i++)
            digits = digits && p[i] >= '0' && p[i] <= '9';
        if (digits && p[1] == ' ')
            return at;
    }
    return -1;
}

bool http_recognises(struct str head)
{
    while (head.n > 0 && (head.p[0] == '\r' || head.p[0] == '\n'))
        head = str_sub(head, 1, head.n);
    ptrdiff_t n = 0;
    while (n < head.n && is_upper(head.p[n]) && n <= METHOD_LONGEST)
        n++;
    if (n == head.n)
        return n > 0 && n <= METHOD_LONGEST;
    if (n == 0 || n > METHOD_LONGEST || head.p[n] != ' ' ||
        str_starts(head, STR("PRI * HTTP/2.0\r")))
        return false;
    if (is_known(str_sub(head, 0, n)))
        return true;
    struct str target = str_sub(head, n + 1, head.n), line;
    str_cut(target, '\n', &line);
    return target.n == 0 || target.p[0] == '/' || str_starts(target, STR("http")) ||
           str_find_str(line, STR(" HTTP/")) >= 0;
}
