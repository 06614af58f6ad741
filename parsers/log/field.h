/* field.h: what all formats share once they know where a value begins and ends. */
#ifndef VIGIE_PARSERS_LOG_FIELD_H
#define VIGIE_PARSERS_LOG_FIELD_H

#include "analyzer/model/event.h"

/* A value that was logged as missing; a client that really sent "-" looks the same. */
static inline bool field_dash(struct str s)
{
    return s.n == 1 && s.p[0] == '-';
}

/* The request line: sets request, method, method_text, target, http_version and oddities.  The
 * method is the first word if it is an HTTP token (RFC 9110 section 5.6.2), the version the last
 * word if it is HTTP/x or HTTP/x.y; everything between is the target, spaces included.  Without a
 * version it is a request only when what follows the method looks like a target; else it is not
 * HTTP and the whole line is the target. */
void field_request(struct event *e, struct str request);
enum method field_method(struct str s);
/* "HTTP/1.1" as 11; 0 when it is none. */
uint8_t field_version(struct str s);

/* Address, address with port, or a name; "-" is missing.  False when it is empty. */
bool field_peer(struct event *e, struct str s);
/* host or host:port; the port, if any, becomes an extra named "server_port". */
void field_host(struct event *e, struct str s);
/* False when it is not a number of at most three digits; outside 100-999 is an oddity; "-" is
 * missing. */
bool field_status(struct event *e, struct str s);
bool field_bytes(struct event *e, struct str s);
bool field_port(struct event *e, struct str s);
/* Decimal number of units of unit_us microseconds, with any fraction ("0.123"); digits below a
 * microsecond are cut.  False on anything else or beyond 2^53. */
bool field_scaled(struct str s, int64_t unit_us, int64_t *us);
/* A duration in such units; "-" and negative ones (a clock that was set back) are missing. */
bool field_duration(struct event *e, struct str s, int64_t unit_us);
/* Adds a named value while there is room; "-" becomes missing. */
void field_extra(struct event *e, enum extra_kind kind, struct str name, struct str value);
/* Sets ODD(ESCAPE_INVALID) when a backslash in s starts no escape of that kind. */
void field_check_escapes(struct event *e, enum escaping escaping, struct str s);
/* "a, b : c", as nginx writes the values of several upstreams. */
bool field_is_list(struct str s);

#endif
