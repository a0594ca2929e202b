/* A compiled catalogue of sentences: the MO files that msgfmt writes. */
#ifndef TUI_TEXT_CATALOG_H
#define TUI_TEXT_CATALOG_H

#include "core/base/span.h"

enum { CATALOG_MAX_OCTETS = 4 << 20 };

/* Sentences by their English source; never changes once made, so that threads
 * may share it. */
struct catalog;

/* Reads a catalogue, copying the bytes.  The caller ends it with
 * catalog_free().  NULL when they are not a whole little-endian MO file of
 * revision 0 with sorted sources and one plural form. */
struct catalog *catalog_parse(struct span bytes);

/* Reads the catalogue in a file; NULL also when there is none. */
struct catalog *catalog_open(const char *path);

/* The sentence for source, or NULL; lives as long as the catalogue, which may
 * be NULL. */
const char *catalog_find(const struct catalog *catalog, const char *source);

/* Frees it; accepts NULL, sets *catalog to NULL. */
void catalog_free(struct catalog **catalog);

#endif
