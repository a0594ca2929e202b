/* Any SPF record: read, and evaluated for a sender whose parts come from the
 * same octets.  Everything behind a NUL is the sender. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/net/spf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Answers every question about TXT with the record, and others with what the
 * name's length says. */
struct parrot {
	struct resolver port;
	struct span record;
	int asked;
};

static void
add_text(struct span text, struct dns_answer *out)
{
	struct buf rdata = BUF_INIT;

	while (text.len) {
		size_t len = text.len < 255 ? text.len : 255;

		buf_char(&rdata, (char)len);
		buf_add(&rdata, span_slice(text, 0, len));
		text = span_slice(text, len, text.len);
	}
	dns_answer_add(out, DNS_TXT, buf_span(&rdata));
	buf_done(&rdata);
}

static int
ask(struct resolver *resolver, const struct dns_question *what,
    struct dns_answer *out, struct err *err)
{
	struct parrot *parrot = (struct parrot *)resolver;
	size_t len = strlen(what->name);

	(void)err;
	must(len && len <= DNS_NAME_MAX && what->name[len - 1] != '.');
	must(++parrot->asked < 10000);
	dns_answer_init(
	    out, len % 3 ? DNS_NODATA : DNS_NXDOMAIN, span_of(what->name));
	if (what->type == DNS_TXT)
		add_text(parrot->record, out);
	else if (what->type == DNS_A && len % 2)
		dns_answer_add(out, DNS_A, SPAN("\xc0\x00\x02\x01"));
	else if (what->type == DNS_MX || what->type == DNS_PTR)
		dns_answer_add(out, what->type,
		    what->type == DNS_MX ? SPAN("\0\1\1a\1b\0")
					 : SPAN("\1a\1b\0"));
	return 0;
}

static void
evaluate(struct span record, struct span sender, const char *ip)
{
	struct parrot parrot = {.port = {ask}, .record = record};
	struct spf_question question = {.resolver = &parrot.port,
	    .ip = ip,
	    .sender = sender,
	    .ehlo = SPAN("ehlo.example")};
	struct spf_answer answer;
	struct spf_survey survey;

	must(spf_check(&question, &answer, NULL) == 0);
	must(answer.result <= SPF_PERMERROR);
	must(answer.result != SPF_TEMPERROR);
	must((answer.result == SPF_PERMERROR || answer.result == SPF_NONE) ==
	     (answer.why.code != E_NONE));
	must(answer.lookups <= SPF_LOOKUPS_MAX + 1);
	must(answer.voids <= SPF_VOIDS_MAX + 1);
	spf_answer_done(&answer);
	parrot.asked = 0;
	must(spf_survey(&question, &survey, NULL) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make(data, size);
	struct span text = span_cut(&rest, '\0');
	struct spf_record record;
	bool good;

	if (size > 4096)
		return 0;
	good = spf_parse(text, &record, NULL) == 0;
	must(!good || spf_is_record(text));
	must(record.count <= SPF_TERMS_MAX);
	spf_record_done(&record);
	evaluate(text, rest.len ? rest : SPAN("n@x.example"), "192.0.2.1");
	evaluate(text, SPAN("n@x.example"), "2001:db8::1");
	return 0;
}
