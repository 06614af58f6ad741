/* inflate.h: gzip (RFC 1952) as a pure function of its bytes, whatever delivers them.
 *
 * Two libraries can do the work, igzip (ISA-L) and zlib; both handle one member and are told apart
 * nowhere else.  What follows a member is decided here: another member, zero padding, or bytes that
 * are not gzip. */
#ifndef VIGIE_IO_INFLATE_H
#define VIGIE_IO_INFLATE_H

#include "analyzer/base/status.h"
#include "analyzer/base/str.h"

struct inflate_io {
    const uint8_t *in; /* moves on as bytes are used */
    size_t in_n;
    uint8_t *out; /* moves on as bytes are made */
    size_t out_n;
};

enum inflate_step {
    INFLATE_ON,          /* wants more input or more room */
    INFLATE_MEMBER_END,  /* the trailer agreed */
    INFLATE_BAD_DATA,    /* not gzip from here on */
    INFLATE_BAD_CHECKSUM /* decoded, but not what was packed */
};

struct inflate_backend {
    const char *name;
    void *(*open)(void);
    void (*begin)(void *z); /* before each member */
    /* When it answers INFLATE_BAD_*, everything that could be decoded before has been put out. */
    enum inflate_step (*run)(void *z, struct inflate_io *io);
    void (*close)(void *z);
};
/* The fastest first, ends with NULL. */
extern const struct inflate_backend *const inflate_backends[];
extern const struct inflate_backend inflate_zlib;
extern const struct inflate_backend inflate_isal; /* where VIGIE_HAVE_ISAL is defined */

struct inflate;

/* Are these the first bytes of gzip data?  n < 3 counts as yes when nothing speaks against it. */
bool inflate_recognises(const uint8_t *p, size_t n);
struct inflate *inflate_open(const struct inflate_backend *b);
/* OK: put out something or needs room.  MORE: used all input.  END: what follows the last member is
 * not gzip.  FAILED: damaged, see inflate_problem. */
enum status inflate_run(struct inflate *z, struct inflate_io *io);
/* The input is over: END when that is in order, FAILED within a member. */
enum status inflate_finish(const struct inflate *z);
const char *inflate_problem(const struct inflate *z); /* after FAILED from inflate_run */
void inflate_close(struct inflate *z);

#endif
