/* The evidence pack of a campaign: one tar archive that shows, on another
 * computer and with stock tools, what was checked, answered, approved and
 * delivered.  docs/evidence.md describes its members.  Part of report.h. */
#ifndef CORE_REPORT_PACK_H
#define CORE_REPORT_PACK_H

#include <stdatomic.h>

#include "core/base/crypt.h"
#include "core/base/ed25519.h"
#include "core/campaign/campaign.h"
#include "core/store/store.h"

enum pack_data {
	PACK_HASHED, /* recipients as keyed hashes, no replies, no samples */
	PACK_FULL    /* all of it, for a purpose that is logged */
};

enum { PACK_PURPOSE_MAX = 200 }; /* octets */

struct pack_params {
	struct campaign_id campaign;
	const char *path; /* a new file; mode 0600 */
	enum pack_data data;
	struct span purpose;       /* of PACK_FULL; not empty */
	const atomic_bool *cancel; /* borrowed; NULL: nobody stops it */
};

/* What a pack is about. */
struct pack_facts {
	int64_t members;
	char store[STORE_ID_LEN + 1];
	struct digest fingerprint; /* of the key that signed */
	struct digest root;        /* over leaves.txt */
	int64_t recipients;
	int64_t campaign;
	int64_t approvals;
	char at[24]; /* when it was made, UTC */
};

/* Makes the pack of a campaign that was checked.  Logged as "evidence.make",
 * whose entry is in the pack and under its head seal.  Reads all recipients: for
 * a worker.  E_ROLE without MAY_EVIDENCE_MAKE (and, for PACK_FULL,
 * MAY_PERSONAL_VIEW); E_REVIEW_SEAL when no checks have run, E_PACK_PURPOSE,
 * E_CAMPAIGN_MISSING, E_CANCELLED, E_FILE_EXISTS, E_FILE_*, E_DISK_FULL, errors of
 * audit_seal(). */
int pack_make(struct store *store, const struct pack_params *params,
    struct pack_facts *out, struct err *err);

/* Checks all of a pack: form, signature, every member, Merkle root, approvals,
 * head seal.  The first fault is the error and names the member: E_PACK_FORM,
 * E_PACK_MEMBER, E_PACK_SIGNATURE. */
int pack_check(struct span pack, struct pack_facts *out, struct err *err);

/* pack_check() on a file, which is mapped and not read into memory; E_FILE_OPEN
 * as well. */
int pack_check_file(const char *path, struct pack_facts *out, struct err *err);

/* The Merkle root over lines "number leaf"; their number, or -1 when a line is
 * none. */
int64_t pack_root(struct span leaves, struct digest *out);

#endif
