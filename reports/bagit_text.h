/* bagit_text.h: the lines of BagIt tag files (RFC 8493 and the drafts before it), as pure
 * functions. */
#ifndef VIGIE_REPORTS_BAGIT_TEXT_H
#define VIGIE_REPORTS_BAGIT_TEXT_H

#include "analyzer/base/mem.h"

enum bagit_encoding {
    ENCODING_UTF8,
    ENCODING_ASCII,
    ENCODING_LATIN1,
    ENCODING_UTF16,
    ENCODING_UTF16BE,
    ENCODING_UTF16LE
};
bool bagit_encoding_of(struct str name, enum bagit_encoding *out);
/* The text as UTF-8; s itself when it is already.  *exact: it was well-formed in that encoding. */
struct str bagit_decode(struct arena *a, struct str s, enum bagit_encoding e, bool *exact);

/* Cuts the next line off *rest; LF, CRLF and CR end a line, the last may lack its end.  False: none
 * left. */
bool bagit_line(struct str *rest, struct str *line);

/* "label: value", with white space around both cut off; *exact: only one space after the colon was
 * there. */
bool bagit_label(struct str line, struct str *label, struct str *value, bool *exact);
/* "0.97" as 0 and 97. */
bool bagit_version(struct str s, int *major, int *minor);
/* "279.5" as octets and files. */
bool bagit_oxum(struct str s, uint64_t *octets, uint64_t *files);

/* "checksum path": white space between; a '*' before the path is cut off and told in *star. */
bool bagit_entry(struct str line, struct str *checksum, struct str *path, bool *star);
/* "URL length path"; length is UINT64_MAX for "-". */
bool bagit_fetch(struct str line, struct str *url, uint64_t *length, struct str *path);

enum bagit_path {
    PATH_PLAIN,
    PATH_DOT,      /* started with "./", which was cut off */
    PATH_ABSOLUTE, /* "/...", "C:..." */
    PATH_HOME,     /* "~..." */
    PATH_LEAVES,   /* has a ".." part, also when parted by backslashes */
    PATH_ODD       /* an empty part, a "." part, a NUL byte */
};
/* Decodes %0A and %0D (and %25 since version 1.0) and judges the path. */
enum bagit_path bagit_path(struct arena *a, struct str raw, bool percent25, struct str *path);

/* True when a file system may take one name for the other: they differ only in ASCII case, or in
 * whether accented Latin letters are composed (canonical equivalence of U+00C0 to U+017F). */
bool bagit_alias(struct str a, struct str b);

#endif
