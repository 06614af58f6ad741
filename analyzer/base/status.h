/* status.h: the one graded answer of every function that can fail.
 *
 * Ordered by severity, so the worst of several is the largest.  Odd but usable input is OK with an
 * oddity bit; an unusable record is SKIP and counted; a source that breaks off is FAILED and the
 * others go on; FATAL ends the run.  Only analyzer/cli turns a status into an exit code. */
#ifndef VIGIE_BASE_STATUS_H
#define VIGIE_BASE_STATUS_H

enum status {
    STATUS_OK,     /* done */
    STATUS_MORE,   /* needs more bytes to go on */
    STATUS_END,    /* the input ended in order */
    STATUS_SKIP,   /* this record is unusable; the next one may be fine */
    STATUS_FAILED, /* this source (file, bag, profile) is unusable from here on */
    STATUS_FATAL   /* the run cannot go on */
};

#endif
