/* version.c: the version of this program and of the libraries it was built with.
 *
 * The numbers come from the build, so that each library's header stays in its one agreed place. */
#include "analyzer/cli/help.h"

void version_write(struct out *o)
{
    out_text(o, "vigie " VIGIE_VERSION "\n"
                "OpenSSL " VIGIE_WITH_OPENSSL "\n"
                "zlib " VIGIE_WITH_ZLIB "\n"
                "ISA-L " VIGIE_WITH_ISAL "\n"
                "xxHash " VIGIE_WITH_XXHASH "\n"
                "libidn2 " VIGIE_WITH_IDN2 "\n");
}
