/* What a file is, by its octets and not only by its name, and whether it may
 * go out.  The rules are one table, shown in docs/attachments.md. */
#ifndef CORE_ATTACH_SNIFF_H
#define CORE_ATTACH_SNIFF_H

#include <stdbool.h>

#include "core/attach/attach.h"

/* Looks at a whole file.  Never fails: what is not known is "unknown". */
void sniff(struct span bytes, struct span name, struct attach_look *out);

/* Why a name cannot be the name of a file that is sent, as a word: utf8,
 * control, slash, length, empty, dots, direction; NULL: it can. */
const char *sniff_name_fault(struct span name);

/* True for an extension that mail programs start, or that holds macros. */
bool sniff_is_program_name(struct span name);

/* True for the extension of an archive. */
bool sniff_is_archive_name(struct span name);

#endif
