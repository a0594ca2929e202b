/* Any policy, announcement or answer of a web server.  The first octet
 * chooses which; an answer is read as if it came in two pieces. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/net/sts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
read_policy(struct span text)
{
	struct sts_policy policy;

	if (sts_policy_read(text, &policy, NULL) < 0)
		return;
	must(policy.count <= STS_MX_MAX);
	must(policy.mode == STS_NONE || policy.count);
	must(policy.max_age_s >= 0 && policy.max_age_s <= STS_AGE_MAX_S);
	must(!sts_allows(&policy, "a.b."));
	sts_allows(&policy, "mx.example.jp");
}

static void
read_announcement(struct span text)
{
	struct dns_answer answer;
	struct buf rdata = BUF_INIT, id = BUF_INIT;

	dns_answer_init(&answer, DNS_NODATA, SPAN("x.example"));
	while (text.len) {
		size_t len = text.len < 255 ? text.len : 255;

		buf_char(&rdata, (char)len);
		buf_add(&rdata, span_slice(text, 0, len));
		text = span_slice(text, len, text.len);
	}
	dns_answer_add(&answer, DNS_TXT, buf_span(&rdata));
	if (sts_announced(&answer, &id))
		must(id.len && id.len <= STS_ID_MAX);
	buf_done(&id);
	buf_done(&rdata);
	dns_answer_done(&answer);
}

/* What was complete stays so when more comes; what was bad stays bad. */
static void
read_response(struct span text)
{
	struct buf body = BUF_INIT, again = BUF_INIT;
	const char *why;
	enum sts_http_got half, got;

	half = sts_http_read(
	    span_slice(text, 0, text.len / 2), STS_HTTP_OPEN, &body, &why);
	got = sts_http_read(text, STS_HTTP_CLOSED, &again, &why);
	must(got != STS_HTTP_MORE);
	must(half != STS_HTTP_BAD || got == STS_HTTP_BAD);
	must(half != STS_HTTP_DONE ||
	     (got == STS_HTTP_DONE &&
		 span_equal(buf_span(&body), buf_span(&again))));
	must(again.len <= STS_POLICY_MAX);
	if (got == STS_HTTP_DONE)
		read_policy(buf_span(&again));
	buf_done(&body);
	buf_done(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text;

	if (!size)
		return 0;
	text = span_make(data + 1, size - 1);
	if (data[0] % 3 == 0)
		read_policy(text);
	else if (data[0] % 3 == 1)
		read_announcement(text);
	else
		read_response(text);
	return 0;
}
