/* The files in an archive, one of which is the list. */
#ifndef CORE_IMPORT_MEMBER_H
#define CORE_IMPORT_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

enum import_member_kind {
	IMPORT_MEMBER_LIST,  /* by its name: .csv, .tsv, .tab, .txt */
	IMPORT_MEMBER_OTHER, /* another file */
	IMPORT_MEMBER_IDLE   /* a folder, or what the system left there */
};

struct import_member {
	char name[256]; /* UTF-8 on one line; foreign bytes */
	int64_t octets; /* unpacked */
	enum import_member_kind kind;
};

/* Zeroed by the caller, ended with import_members_done(). */
struct import_members {
	struct import_member *member; /* in the order of the archive: the
				       * first is 1 in a form */
	size_t count;
};

/* Lists the archive at path; none for a file that is no ZIP.  E_FILE_OPEN,
 * E_FILE_READ, E_ZIP, and E_IMPORT_TYPE for what is a spreadsheet or a document
 * inside. */
int import_members(
    const char *path, struct import_members *out, struct err *err);

/* Frees what it holds and leaves it empty. */
void import_members_done(struct import_members *members);

#endif
