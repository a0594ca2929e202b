/* What block lists answer.  Only 127.0.0.0/8 is a listing, and within it lists
 * keep numbers that are none: 127.255.255.x (wrong zone, public resolver,
 * quota), 127.0.1.255 (an address asked of a list of names) and 127.0.0.1
 * (query refused).  Taking one of these for a listing would stop a campaign
 * because our resolver is not welcome. */
#include "core/health/dnsbl.h"

#include <stdio.h>

static bool
is_refusal(const unsigned char *octet)
{
	return (octet[1] == 255 && octet[2] == 255) ||
	       (octet[1] == 0 && octet[2] == 1 && octet[3] == 255) ||
	       (octet[1] == 0 && octet[2] == 0 && octet[3] == 1);
}

static enum dnsbl_says
read_one(struct span data)
{
	const unsigned char *octet = (const unsigned char *)data.ptr;

	if (data.len != 4 || octet[0] != 127)
		return DNSBL_FOREIGN;
	return is_refusal(octet) ? DNSBL_REFUSED : DNSBL_LISTED;
}

/* A refusal makes all other values worthless, so does a foreign one. */
enum dnsbl_says
dnsbl_read(const struct dns_answer *answer, char *value, size_t room)
{
	enum dnsbl_says says = DNSBL_CLEAN;

	*value = '\0';
	if (answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA)
		return DNSBL_CLEAN;
	if (answer->status != DNS_FOUND)
		return DNSBL_LATER;
	for (size_t i = 0; i < answer->count; i++) {
		struct span data = answer->record[i].data;
		const unsigned char *octet = (const unsigned char *)data.ptr;
		enum dnsbl_says one = read_one(data);

		if (one <= says)
			continue;
		says = one;
		if (data.len == 4)
			snprintf(value, room, "%u.%u.%u.%u", octet[0], octet[1],
			    octet[2], octet[3]);
	}
	return says;
}

enum dnsbl_test
dnsbl_judge(enum dnsbl_says must, enum dnsbl_says must_not)
{
	if (must == DNSBL_LATER || must_not == DNSBL_LATER)
		return DNSBL_TEST_LATER;
	if (must == DNSBL_REFUSED)
		return DNSBL_TEST_REFUSED;
	if (must == DNSBL_FOREIGN || must_not == DNSBL_FOREIGN)
		return DNSBL_DEAD_FOREIGN;
	/* 127.0.0.1 as a value is a refusal elsewhere; here any answer is one
	 * too many */
	if (must_not != DNSBL_CLEAN)
		return DNSBL_DEAD_ALL;
	return must == DNSBL_LISTED ? DNSBL_WORKS : DNSBL_DEAD_SILENT;
}
