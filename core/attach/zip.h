/* What a ZIP archive says of itself: its directory is read, nothing is
 * unpacked. */
#ifndef CORE_ATTACH_ZIP_H
#define CORE_ATTACH_ZIP_H

#include <stdbool.h>

#include "core/base/span.h"

enum { ZIP_ENTRIES_MAX = 65535 };

/* What the names of the entries make of an archive. */
enum zip_form {
	ZIP_PLAIN,
	ZIP_DOCX,
	ZIP_XLSX,
	ZIP_PPTX,
	ZIP_ODT,
	ZIP_ODS,
	ZIP_ODP
};

struct zip_facts {
	size_t entries;
	enum zip_form form;
	bool is_encrypted; /* at least one entry */
	bool has_macro;    /* a VBA project, macro sheets, Basic libraries */
	bool has_basic;    /* folders that are macros in OpenDocument */
	bool has_program;  /* an entry whose name says so, or a Java archive */
	bool has_archive;  /* an archive in the archive */
};

/* Reads the directory at the end of bytes.  False when it is damaged, does not
 * fit the file, has octets before it that no archive needs (a program that
 * unpacks itself), or is of the form for more than ZIP_ENTRIES_MAX entries:
 * then nothing is known. */
bool zip_look(struct span bytes, struct zip_facts *out);

#endif
