/* stream_guess.c: who is the client of a connection whose beginning was not captured.
 *
 * Content decides where it speaks (requests, status lines, TLS hellos), else the ports. */
#include "parsers/net/http.h"
#include "parsers/net/stream_priv.h"

enum { TLS_HANDSHAKE = 22, TLS_CLIENT_HELLO = 1, TLS_SERVER_HELLO = 2, TLS_TYPE_AT = 5 };

/* 1: these bytes are a client's, -1: a server's, 0: they do not tell. */
static int says_client(struct str bytes)
{
    if (str_starts(bytes, STR("HTTP/")))
        return -1;
    if (bytes.n > TLS_TYPE_AT && bytes.p[0] == TLS_HANDSHAKE && bytes.p[1] == 3) {
        if (bytes.p[TLS_TYPE_AT] == TLS_CLIENT_HELLO)
            return 1;
        return bytes.p[TLS_TYPE_AT] == TLS_SERVER_HELLO ? -1 : 0;
    }
    return bytes.n >= 4 && http_recognises(bytes) ? 1 : 0;
}

int guess_client(const struct conn *c, int side, struct str bytes)
{
    int said = says_client(bytes);
    if (said != 0)
        return said > 0 ? side : !side;
    uint16_t port0 = c->key.port[c->first_end], port1 = c->key.port[!c->first_end];
    if (port0 != port1)
        return port0 > port1 ? 0 : 1;
    return 0; /* who spoke first */
}
