/* The alert's own small sender.  It can send this one form and nothing else:
 * it takes a kind, which it names itself, and lines "name=value" of printable
 * ASCII, and it knows neither campaigns nor contacts nor the ledger
 * (tests/lint/gate.sh).  No other relay is asked. */
#include "core/deliver/alert_mail.h"

#include "core/base/clock.h"
#include "core/deliver/post.h"

struct alert_post {
	const struct alert_ways *ways;
	struct buf message;
};

/* Printable ASCII in lines, each a name and a value: no room for a text. */
static bool
is_facts(struct span facts)
{
	if (facts.len == 0 || facts.len > ALERT_MAIL_MAX)
		return false;
	while (facts.len) {
		struct span line = span_cut(&facts, '\n');

		if (line.len && span_index(line, '=') == line.len)
			return false;
		for (size_t i = 0; i < line.len; i++) {
			if (line.ptr[i] < ' ' || line.ptr[i] > '~')
				return false;
		}
	}
	return true;
}

static void
add_to(const struct alert_ways *ways, struct buf *out)
{
	const char *before = "To: ";

	for (int i = 0; i < ALERT_TO_MAX; i++) {
		if (!ways->to[i].len)
			continue;
		buf_printf(
		    out, "%s<%.*s>", before, SPAN_ARG(buf_span(&ways->to[i])));
		before = ",\r\n ";
	}
	buf_text(out, "\r\n");
}

/* RFC 5322; RFC 3834 for the mark that no machine shall answer. */
static void
write_message(struct alert_post *post, struct world *world,
    enum alert_kind kind, struct span facts)
{
	struct span from = buf_span(&post->ways->from), domain = from;
	struct buf *out = &post->message;
	int64_t now_ms = clock_now_ms(world->clock);

	span_cut(&domain, '@');
	buf_text(out, "Date: ");
	clock_rfc5322(out, now_ms);
	buf_printf(out,
	    "\r\nFrom: Sekisho <%.*s>\r\n"
	    "Subject: [Sekisho] alert: %s\r\n"
	    "Message-ID: <alert.%lld.%llx@%.*s>\r\n",
	    SPAN_ARG(from), alert_name(kind), (long long)now_ms,
	    (unsigned long long)clock_steady_ms(world->clock),
	    SPAN_ARG(domain));
	add_to(post->ways, out);
	buf_text(out, "Auto-Submitted: auto-generated\r\n"
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
	while (facts.len) {
		buf_add(out, span_cut(&facts, '\n'));
		buf_text(out, "\r\n");
	}
}

/* One copy for each address. */
static size_t
address_copies(const struct alert_post *post, struct post_item *item)
{
	size_t count = 0;

	for (int i = 0; i < ALERT_TO_MAX; i++) {
		if (!post->ways->to[i].len)
			continue;
		item[count++] = (struct post_item){
		    .envelope = {
			.sender = buf_span(&post->ways->from),
			.recipient = buf_span(&post->ways->to[i]),
			.data = buf_span(&post->message),
			.body = SMTP_BODY_7BIT,
		    }};
	}
	return count;
}

/* The first copy that was not taken is the error. */
static int
judge(const struct post_item *item, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (item[i].end == POST_ACCEPTED)
			continue;
		if (err)
			*err = item[i].why;
		return -1;
	}
	return 0;
}

int
alert_mail(const struct alert_ways *ways, const struct relay_config *relay,
    struct world *world, enum alert_kind kind, struct span facts, int cancel_fd,
    struct err *err)
{
	struct exchange_target target;
	struct alert_post post = {.ways = ways};
	struct post_how how = {.target = &target,
	    .cancel_fd = cancel_fd,
	    .limit_ms = ALERT_LIMIT_MS};
	struct post_item item[ALERT_TO_MAX];
	struct post_line line;
	struct tls_context *tls = NULL;
	size_t count;
	struct secret *token = NULL;
	int rc = -1;

	if (!is_facts(facts))
		return err_set(err, E_ALERT_FACTS);
	relay_aim(relay, ways->ehlo.ptr, &target);
	if (*relay->token_command &&
	    relay_ask_token(relay, cancel_fd, &token, err) < 0)
		goto out;
	if (token)
		target.secret = token;
	write_message(&post, world, kind, facts);
	if (target.tls != TLS_LEVEL_NONE &&
	    tls_context_new(target.ca_file, &tls, err) < 0)
		goto out;
	how.dialler = world->dialler;
	how.tls = tls;
	count = address_copies(&post, item);
	if (post_send(&how, item, count, &line, err) == 0)
		rc = judge(item, count, err);
out:
	tls_context_free(&tls);
	secret_free(&token);
	buf_done(&post.message);
	return rc;
}
