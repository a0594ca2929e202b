/* An archive as a place where lists are. */
#ifndef CORE_IMPORT_ARCHIVE_H
#define CORE_IMPORT_ARCHIVE_H

#include "core/import/member.h"
#include "core/import/unzip.h"

/* What an archive is besides ("xlsx", "ods", "docx", "numbers"), or NULL. */
const char *archive_disguise(const struct zip *zip);

/* What a member is by its name. */
enum import_member_kind archive_kind(const struct zip_member *member);

/* The member that is the list: wanted (from 1), or with 0 the only LIST, or
 * without any the only OTHER.  *out counts from 0.  E_IMPORT_MEMBERS (found)
 * when there are several, E_ZIP (why empty) when there is none, E_ZIP_MEMBER
 * (why missing, folder) for a wanted one that cannot be. */
int archive_choose(
    const struct zip *zip, size_t wanted, size_t *out, struct err *err);

#endif
