/* A Postfix log names a message once (cleanup: message-id=) and tells its fate
 * under the queue id (to=, status=).  Short queue ids are used again for other
 * messages, so a new message-id under a known one ends what it meant. */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/report/evidence.h"

enum { QUEUE_ID_MIN = 5, QUEUE_ID_MAX = 20, ID_MAX = 200 };
enum { SLOTS_FIRST = 256, MESSAGES_MAX = 100 * 1000 };

struct slot {
	char queue[QUEUE_ID_MAX + 1]; /* "": free */
	char id[ID_MAX + 1];          /* "": no longer wanted */
};

struct maillog {
	struct evidence_sink sink;
	struct slot *slot; /* open addressing, at most half full */
	size_t slots, used;
};

struct maillog *
maillog_new(const struct evidence_sink *sink)
{
	struct maillog *log = mem_new(sizeof *log);

	log->sink = *sink;
	log->slots = SLOTS_FIRST;
	log->slot = mem_array(log->slots, sizeof *log->slot);
	return log;
}

void
maillog_free(struct maillog **log)
{
	if (!*log)
		return;
	free((*log)->slot);
	free(*log);
	*log = NULL;
}

/* ---- Queue ids --------------------------------------------------------------- */

static size_t
hash(struct span text)
{
	size_t sum = 5381;

	for (size_t i = 0; i < text.len; i++)
		sum = sum * 33 + (unsigned char)text.ptr[i];
	return sum;
}

/* The slot of a queue id, or the free one where it would be. */
static struct slot *
find(struct maillog *log, struct span queue)
{
	size_t at = hash(queue) % log->slots;

	while (*log->slot[at].queue &&
	       !span_equal(queue, span_of(log->slot[at].queue)))
		at = (at + 1) % log->slots;
	return &log->slot[at];
}

static void
grow(struct maillog *log)
{
	struct slot *old = log->slot;
	size_t slots = log->slots;

	log->slots = slots * 2;
	log->slot = mem_array(log->slots, sizeof *log->slot);
	for (size_t i = 0; i < slots; i++) {
		if (*old[i].queue)
			*find(log, span_of(old[i].queue)) = old[i];
	}
	free(old);
}

static void
remember(struct maillog *log, struct span queue, struct span id)
{
	bool wanted = id.len <= ID_MAX && span_index(id, '\0') == id.len &&
		      log->sink.wants(log->sink.arg, id);
	struct slot *slot = find(log, queue);

	if (*slot->queue) {
		span_text(slot->id, sizeof slot->id, wanted ? id : SPAN(""));
		return;
	}
	if (!wanted || log->used == MESSAGES_MAX)
		return;
	span_text(slot->queue, sizeof slot->queue, queue);
	span_text(slot->id, sizeof slot->id, id);
	if (++log->used * 2 > log->slots)
		grow(log);
}

/* ---- Lines --------------------------------------------------------------------- */

static bool
is_queue_id(struct span text)
{
	if (text.len < QUEUE_ID_MIN || text.len > QUEUE_ID_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z')))
			return false;
	}
	return true;
}

/* What stands between open and the next '>' behind it. */
static struct span
between(struct span text, struct span open)
{
	size_t at = span_search(text, open);
	struct span rest = span_slice(text, at + open.len, text.len);

	if (at == text.len)
		return SPAN("");
	return span_slice(rest, 0, span_index(rest, '>'));
}

static bool
find_status(struct span rest, enum evidence_says *out)
{
	static const struct {
		struct span word;
		enum evidence_says says;
	} words[] = {
	    {SPAN("sent"), EVIDENCE_ACCEPTED},
	    {SPAN("deferred"), EVIDENCE_ACCEPTED},
	    {SPAN("bounced"), EVIDENCE_FAILED},
	    {SPAN("expired"), EVIDENCE_FAILED},
	    {SPAN("undeliverable"), EVIDENCE_FAILED},
	};
	size_t at = span_search(rest, SPAN(", status="));
	struct span word = span_slice(rest, at + 9, rest.len);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (at < rest.len && span_starts(word, words[i].word)) {
			*out = words[i].says;
			return true;
		}
	}
	return false;
}

static void
tell(struct maillog *log, struct span queue, struct span rest, struct span line)
{
	const struct slot *slot = find(log, queue);
	struct evidence evidence = {.line = line};

	if (!*slot->queue || !*slot->id)
		return;
	evidence.id = span_of(slot->id);
	if (span_starts(rest, SPAN("to=<"))) {
		if (!find_status(rest, &evidence.says))
			return;
		evidence.address = between(rest, SPAN("orig_to=<"));
		if (!evidence.address.len)
			evidence.address = between(rest, SPAN("to=<"));
	} else if (span_starts(rest, SPAN("from=<")) &&
		   span_search(rest, SPAN("(queue active)")) < rest.len) {
		evidence.says = EVIDENCE_ACCEPTED;
	} else {
		return;
	}
	log->sink.found(log->sink.arg, &evidence);
}

bool
maillog_line(struct maillog *log, struct span line)
{
	struct span rest, queue;
	size_t at;

	line = span_slice(line, 0, EVIDENCE_LINE_MAX);
	at = span_search(line, SPAN("]: "));
	if (at == line.len || span_index(span_slice(line, 0, at), '/') == at)
		return false;
	rest = span_slice(line, at + 3, line.len);
	queue = span_slice(rest, 0, span_index(rest, ':'));
	if (!is_queue_id(queue) ||
	    !span_starts(span_slice(rest, queue.len, rest.len), SPAN(": ")))
		return false;
	rest = span_slice(rest, queue.len + 2, rest.len);
	if (span_starts(rest, SPAN("message-id=")))
		remember(log, queue, span_trim(span_slice(rest, 11, rest.len)));
	else
		tell(log, queue, rest, line);
	return true;
}
