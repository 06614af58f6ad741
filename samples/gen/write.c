/* write.c: nginx's combined, a full log_format and JSON lines, each escaped as nginx does. */
#include "samples/gen/write.h"

#include <string.h>

#include "samples/gen/site.h"

struct day {
    int year, month, day;
};

/* Civil date of a day number: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static struct day day_of(int64_t days)
{
    int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    return (struct day){(int)(yoe + era * 400 + (month <= 2)), (int)month, (int)(doy - (153 * mp + 2) / 5 + 1)};
}

static const char *zone_text(int32_t zone_s, char out[8])
{
    int minutes = zone_s / 60 % 1440;
    int m = minutes < 0 ? -minutes : minutes;
    snprintf(out, 8, "%c%02d%02d", minutes < 0 ? '-' : '+', m / 60 % 24, m % 60);
    return out;
}

void write_stamp(char *out, int64_t us, int32_t zone_s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t local = us / SECOND_US + zone_s;
    struct day d = day_of(local / 86400);
    int s = (int)(local % 86400);
    char zone[8];
    const char *month = months + 3 * (d.month - 1);
    snprintf(out, STAMP_MAX, "%02d/%.3s/%04d:%02d:%02d:%02d %s", d.day % 100, month, d.year % 10000, s / 3600,
             s / 60 % 60, s % 60, zone_text(zone_s, zone));
}

/* ngx_http_log_escape: '"', '\', control bytes and everything from 0x7F as \xHH; missing as "-". */
static void put(FILE *f, const char *text)
{
    if (!*text)
        fputc('-', f);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\' || *p < 0x20 || *p >= 0x7f)
            fprintf(f, "\\x%02X", *p);
        else
            fputc(*p, f);
    }
}

static void put_json(FILE *f, const char *name, const char *text)
{
    fprintf(f, "\"%s\":\"", name);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(f, "\\%c", *p);
        else if (*p < 0x20)
            fprintf(f, "\\u%04X", *p);
        else
            fputc(*p, f);
    }
    fputs("\",", f);
}

static void put_request(FILE *f, const struct request *q)
{
    if (!*q->method) {
        put(f, q->target);
        return;
    }
    put(f, q->method);
    fputc(' ', f);
    put(f, q->target);
    fputs(q->version == 20 ? " HTTP/2.0" : " HTTP/1.1", f);
}

static void combined(FILE *f, const struct world *w, const struct request *q)
{
    char stamp[STAMP_MAX];
    write_stamp(stamp, q->end_us, w->zone_s);
    fprintf(f, "%s - - [%s] \"", q->address, stamp);
    put_request(f, q);
    fprintf(f, "\" %u %u \"", q->status, (unsigned)q->bytes);
    put(f, q->referer);
    fputs("\" \"", f);
    put(f, q->agent);
    fputs("\"", f);
}

static void line_combined(FILE *f, const struct world *w, const struct request *q)
{
    combined(f, w, q);
    fputc('\n', f);
}

/* nginx cuts its clock to milliseconds before it subtracts. */
static int64_t took_ms(const struct request *q)
{
    return q->end_us / 1000 - q->start_us / 1000;
}

static void line_full(FILE *f, const struct world *w, const struct request *q)
{
    combined(f, w, q);
    int64_t end = q->end_us / 1000, took = took_ms(q);
    fprintf(f, " %lld.%03d %d.%03d %u \"", (long long)(end / 1000), (int)(end % 1000), (int)(took / 1000),
            (int)(took % 1000), (unsigned)q->port);
    put(f, q->cookie);
    fputs("\" \"", f);
    put(f, q->body);
    fputs("\"\n", f);
}

static void line_json(FILE *f, const struct world *w, const struct request *q)
{
    int64_t end = q->end_us / 1000, took = took_ms(q);
    char cookie[64];
    snprintf(cookie, sizeof cookie, "cookie_%s", w->site->cookie_name);
    fprintf(f, "{\"msec\":%lld.%03d,\"request_time\":%d.%03d,", (long long)(end / 1000), (int)(end % 1000),
            (int)(took / 1000), (int)(took % 1000));
    put_json(f, "remote_addr", q->address);
    fprintf(f, "\"remote_port\":%u,\"status\":%u,\"body_bytes_sent\":%u,", (unsigned)q->port, q->status,
            (unsigned)q->bytes);
    put_json(f, "request_method", q->method);
    put_json(f, "request_uri", *q->method ? q->target : "");
    put_json(f, "server_protocol", !*q->method ? "" : q->version == 20 ? "HTTP/2.0" : "HTTP/1.1");
    put_json(f, "http_referer", q->referer);
    put_json(f, cookie, q->cookie);
    put_json(f, "request_body", q->body);
    put_json(f, "http_user_agent", q->agent);
    fputs("\"server_name\":\"rdv.example.org\"}\n", f);
}

static const char full_string[] =
    "nginx:$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
    "\"$http_user_agent\" $msec $request_time $remote_port \"$cookie_{name}\" \"$request_body\"";

const struct log_writer log_writers[] = {
    {"full", ".log", full_string, line_full},
    {"combined", ".combined.log", NULL, line_combined},
    {"json", ".json.log", NULL, line_json},
};
const size_t log_writers_count = sizeof log_writers / sizeof *log_writers;
