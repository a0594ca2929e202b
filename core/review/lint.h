/* What is checked on every single message of the proof. */
#ifndef CORE_REVIEW_LINT_H
#define CORE_REVIEW_LINT_H

#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "core/mail/parse.h"
#include "core/review/checklist.h"
#include "core/review/extract.h"
#include "core/review/fresh.h"
#include "core/review/mention.h"
#include "core/review/page.h"

/* What all messages of a campaign must show; read once, shared by workers. */
struct lint_rules {
	int64_t campaign, list;
	enum campaign_class class;
	enum campaign_charset charset;
	struct mention_day today; /* when the mail is to leave */
	struct buf from_address;  /* and its domain: */
	struct buf from_domain;
	struct buf legal_name, legal_postal, legal_contact; /* as set */
	struct buf legal_notice;
	struct buf base_url; /* of opting out, without slashes at its end */
	struct buf hosts;    /* links.hosts */
	struct buf merged;   /* links with a field in them, up to it; lines */
	const struct store *store; /* borrowed */
	struct personal *personal; /* NULL: nobody's values are looked for */
};

/* Reads the rules from campaign and settings; at_ms: when it is to leave.
 * Ended with lint_rules_done(). */
int lint_rules_read(struct store *store, struct db *db,
    const struct campaign *campaign, int64_t at_ms, struct lint_rules *out,
    struct err *err);

/* Frees what the rules hold. */
void lint_rules_done(struct lint_rules *rules);

struct lint_memo; /* what was judged before */

/* Working memory of one worker; caller's storage, begun with lint_tools_init()
 * and ended with lint_tools_done(). */
struct lint_tools {
	struct arena *arena;
	struct page page;
	struct buf plain_urls, html_urls, first, second;
	struct token_maker *tokens;
	struct extracts *found; /* of this chunk */
	struct lint_memo *link_memo, *item_memo;
	bool same_urls;   /* in both parts */
	uint64_t opt_out; /* hash of the last message's token; 0: none */
	int64_t messages;
	struct buf list_id, feedback_id; /* of the first message */
	struct personal_tools personal;
	struct fresh text, html,
	    seen; /* both parts, and what the second shows */
};

/* store may be NULL where no message has an opt-out link. */
void lint_tools_init(struct lint_tools *tools, const struct store *store);

/* Frees the working memory. */
void lint_tools_done(struct lint_tools *tools);

/* Checks one assembled message, and notes its size and what is to be looked at:
 * CM-01 to 04, 06 07 08 09W 10 11, LK-01 02 05 06, LG-01 to 04 and 06, HD-01 02
 * 05 06 07 08. */
void lint_message(const struct lint_rules *rules,
    const struct recipient *recipient, const struct message *message,
    struct lint_tools *tools, struct tally *tally);

/* Checks the source of a campaign for draft markers (CM-05), risky characters
 * (CM-07W) and words of advertising (LG-06). */
void lint_source(const struct campaign *campaign, struct tally *tally);

/* After all messages: links that are not the same for all (LK-06). */
void lint_tracking(const struct campaign *campaign,
    const struct extracts *found, int64_t recipients, struct tally *tally);

/* Appends what the author wrote, decoded, for lint_is_written(). */
void lint_written(const struct campaign *campaign, struct buf *out);

/* Whether the path of a URL (its host, where it has none) stands in what the
 * author wrote; what does not may be made for one recipient. */
bool lint_is_written(struct span written, struct span url);

/* ---- Parts, each in a file of its own -------------------------------------- */

/* One message on its way through the checks; everything is borrowed. */
struct lint {
	const struct lint_rules *rules;
	const struct recipient *recipient;
	const struct message *message;
	struct lint_tools *tools;
	struct tally *tally;
	int64_t seq;
	bool foreign; /* somebody else's value was told of: once is enough */
};

static inline void
lint_add(
    struct lint *lint, enum check_id check, const char *what, struct span value)
{
	tally_add(lint->tally, check, lint->seq, what, value);
}

/* lint_words.c: marks (CM-01) and honorifics (CM-02) in what is new of a text
 * (fresh NULL: in all of it); true when there is nothing wrong. */
bool lint_marks(struct lint *lint, struct span text, const struct fresh *fresh);
bool lint_honorifics(
    struct lint *lint, struct span text, const struct fresh *fresh);

/* lint_items.c: dates, prices, telephone numbers of a text, whose paragraphs are
 * parted by between; their own lines may be folded anywhere. */
void lint_items(struct lint *lint, struct span text, struct span between);

/* lint_links.c: LK-01, LK-02, LK-05, LK-06 of the page that was read. */
void lint_links(struct lint *lint);

/* lint_law.c: LG-01 to LG-04, the footer of CM-08, LG-06. */
void lint_law(struct lint *lint);

/* lint_header.c: what stands in the octets of the message. */
void lint_header(struct lint *lint);

/* lint_trip.c: HD-08, the message read back. */
void lint_round_trip(struct lint *lint);

/* lint_memo.c: remembers by octets.  A memo of items gives what was kept for a
 * text, or the empty span and false. */
struct lint_memo *lint_memo_new(void);
void lint_memo_free(struct lint_memo **memo);
bool lint_memo_find(
    const struct lint_memo *memo, struct span key, struct span *value);
void lint_memo_keep(struct lint_memo *memo, struct span key, struct span value);

/* FNV-1a. */
uint64_t lint_hash(struct span text);

#endif
