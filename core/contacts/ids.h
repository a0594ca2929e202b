/* What everything about people and lists is said with. */
#ifndef CORE_CONTACTS_IDS_H
#define CORE_CONTACTS_IDS_H

#include <stdint.h>

struct list_id {
	int64_t v;
};
struct contact_id {
	int64_t v;
};

/* Why an address may be mailed (特定電子メール法 art. 3(1); BASIS_NONE blocks
 * an advertisement).  Stored as numbers: never renumber. */
enum consent_basis {
	BASIS_NONE,
	BASIS_CONSENT,   /* agreed beforehand */
	BASIS_CARD,      /* gave the address in writing (business card) */
	BASIS_BUSINESS,  /* existing business relation */
	BASIS_PUBLISHED, /* a business published it without "no ads" */
	BASIS_COUNT
};

#endif
