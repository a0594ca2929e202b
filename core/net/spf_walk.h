/* The inside of SPF's evaluation: what walks through records (spf.c) and what
 * tries a mechanism (spf_match.c). */
#ifndef CORE_NET_SPF_WALK_H
#define CORE_NET_SPF_WALK_H

#include "core/net/spf.h"

/* What came of a step: a term, a domain, a question. */
enum spf_step {
	STEP_ERROR = -1, /* the caller's error: err is set */
	STEP_NO,
	STEP_YES,
	STEP_END /* answer->result says it */
};

/* An evaluation under way. */
struct spf_walk {
	const struct spf_question *question;
	struct spf_answer *answer;
	struct spf_survey *survey; /* NULL: evaluate */
	unsigned char ip[SPF_IP_MAX];
	size_t ip_len;
	struct span sender, local, sender_domain;
	bool host_known;
	char host[DNS_NAME_MAX + 1]; /* %{p} */
	struct err *err;
};

/* A record being evaluated. */
struct spf_frame {
	const char *domain;
	int depth;   /* of includes */
	bool passes; /* to pass here is to pass in all */
};

/* Reads an address into walk's; -1 when it is none. */
int spf_read_ip(struct spf_walk *walk, const char *text);

/* Asks; a name that cannot be asked does not exist.  NO, or ERROR. */
enum spf_step spf_ask(struct spf_walk *walk, const char *name,
    enum dns_type type, struct dns_answer *out);

/* True when there was no answer to believe. */
bool spf_is_failed(const struct dns_answer *answer);

/* Ends with a result, or with one and its reason; END. */
enum spf_step spf_end(struct spf_walk *walk, enum spf_result result);
enum spf_step spf_perm_error(struct spf_walk *walk, const char *why,
    const char *domain, struct span term);
enum spf_step spf_temp_error(
    struct spf_walk *walk, const char *name, enum dns_status status);

/* True when a count is beyond its limit; never in a survey. */
bool spf_is_over(const struct spf_walk *walk, int count, int most);

/* Appends text with its macros filled in.  NO, or ERROR. */
enum spf_step spf_fill(struct spf_walk *walk, const char *domain,
    struct span text, struct buf *out);

/* The name that a term speaks of: its domain filled in, cut at the left to what
 * fits (section 7.3), or the frame's.  What cannot be a name comes out empty.
 * NO, or ERROR. */
enum spf_step spf_target(struct spf_walk *walk, const struct spf_frame *frame,
    struct span domain, char out[DNS_NAME_MAX + 1]);

/* Tries a mechanism. */
enum spf_step spf_match(struct spf_walk *walk, const struct spf_frame *frame,
    const struct spf_term *term);

/* Evaluates the record of frame's domain; END or ERROR. */
enum spf_step spf_evaluate(struct spf_walk *walk, struct spf_frame *frame);

#endif
