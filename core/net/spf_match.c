/* One mechanism of SPF against the host that sends.  A question that comes back
 * with nothing counts as void wherever a mechanism asks it, also for the hosts of
 * an mx: implementations differ there, and this is the stricter reading. */
#include <arpa/inet.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/net/spf_macro.h"
#include "core/net/spf_walk.h"

enum { DEPTH_MAX = 20, REVERSE_MAX = 80 };

/* ---- Ends ------------------------------------------------------------------- */

enum spf_step
spf_end(struct spf_walk *it, enum spf_result result)
{
	it->answer->result = result;
	return STEP_END;
}

enum spf_step
spf_perm_error(
    struct spf_walk *it, const char *why, const char *domain, struct span term)
{
	struct err *err = &it->answer->why;

	err_set(err, E_SPF_RECORD);
	err_fact(err, "why", span_of(why));
	err_fact(err, "term", term);
	err_fact(err, "domain", span_of(domain));
	return spf_end(it, SPF_PERMERROR);
}

enum spf_step
spf_temp_error(struct spf_walk *it, const char *name, enum dns_status status)
{
	struct err *err = &it->answer->why;

	err_set(err, status == DNS_BOGUS ? E_DNS_BOGUS : E_DNS_LATER);
	err_fact(err, "name", span_of(name));
	err_fact(err, "status", span_of(dns_status_name(status)));
	return spf_end(it, SPF_TEMPERROR);
}

bool
spf_is_over(const struct spf_walk *it, int count, int most)
{
	return !it->survey && count > most;
}

/* ---- Questions --------------------------------------------------------------- */

/* True when a question about name can be put: labels of 1 to 63 octets. */
static bool
is_askable(const char *name)
{
	struct span rest = span_of(name);

	if (!rest.len || rest.len > DNS_NAME_MAX ||
	    rest.ptr[rest.len - 1] == '.')
		return false;
	while (rest.len) {
		struct span label = span_cut(&rest, '.');

		if (!label.len || label.len > 63)
			return false;
	}
	return true;
}

/* Asks; a name that cannot be asked does not exist. */
enum spf_step
spf_ask(struct spf_walk *it, const char *name, enum dns_type type,
    struct dns_answer *out)
{
	struct dns_question what = {name, type, it->question->cancel};
	struct resolver *resolver = it->question->resolver;

	if (!is_askable(name)) {
		dns_answer_init(out, DNS_NXDOMAIN, span_of(""));
		return STEP_NO;
	}
	return resolver->ask(resolver, &what, out, it->err) < 0 ? STEP_ERROR
								: STEP_NO;
}

bool
spf_is_failed(const struct dns_answer *answer)
{
	return answer->status == DNS_SERVFAIL || answer->status == DNS_BOGUS;
}

/* Asks for a mechanism: without an answer all ends, and nothing counts as void.
 * NO: nothing there, YES: records. */
static enum spf_step
ask_for(struct spf_walk *it, const char *name, enum dns_type type,
    struct dns_answer *out)
{
	enum spf_step step = spf_ask(it, name, type, out);

	if (step != STEP_NO)
		return step;
	if (spf_is_failed(out))
		return spf_temp_error(it, name, out->status);
	if (out->status == DNS_FOUND)
		return STEP_YES;
	it->answer->voids++;
	if (spf_is_over(it, it->answer->voids, SPF_VOIDS_MAX))
		return spf_perm_error(it, "voids", name, SPAN(""));
	return STEP_NO;
}

/* ---- Addresses ---------------------------------------------------------------- */

int
spf_read_ip(struct spf_walk *it, const char *text)
{
	static const unsigned char mapped[12] = {[10] = 255, [11] = 255};

	it->ip_len = 4;
	if (inet_pton(AF_INET, text, it->ip) == 1)
		return 0;
	it->ip_len = 16;
	if (inet_pton(AF_INET6, text, it->ip) != 1)
		return -1;
	if (!memcmp(it->ip, mapped, sizeof mapped)) {
		memmove(it->ip, it->ip + sizeof mapped, 4);
		it->ip_len = 4;
	}
	return 0;
}

static bool
in_network(const struct spf_walk *it, const unsigned char *network, int prefix)
{
	size_t whole = (size_t)prefix / 8;
	unsigned char mask = (unsigned char)(0xff00 >> prefix % 8);

	if (memcmp(it->ip, network, whole) != 0)
		return false;
	return prefix % 8 == 0 ||
	       ((it->ip[whole] ^ network[whole]) & mask) == 0;
}

/* True when one of the addresses is in the sender's network. */
static bool
has_address(
    const struct spf_walk *it, const struct dns_answer *answer, int prefix)
{
	for (size_t i = 0; i < answer->count; i++) {
		struct span data = answer->record[i].data;

		if (data.len == it->ip_len &&
		    in_network(it, (const unsigned char *)data.ptr, prefix))
			return true;
	}
	return false;
}

static enum dns_type
address_type(const struct spf_walk *it)
{
	return it->ip_len == 4 ? DNS_A : DNS_AAAA;
}

static int
prefix_of(const struct spf_walk *it, const struct spf_term *term)
{
	return it->ip_len == 4 ? term->prefix4 : term->prefix6;
}

/* ---- Names of the sending host ------------------------------------------------- */

static void
reverse_name(const struct spf_walk *it, char out[REVERSE_MAX])
{
	struct buf text = BUF_INIT;

	for (size_t i = it->ip_len; i-- > 0;) {
		if (it->ip_len == 4)
			buf_printf(&text, "%u.", it->ip[i]);
		else
			buf_printf(
			    &text, "%x.%x.", it->ip[i] & 15, it->ip[i] >> 4);
	}
	buf_text(&text, it->ip_len == 4 ? "in-addr.arpa" : "ip6.arpa");
	span_text(out, REVERSE_MAX, buf_span(&text));
	buf_done(&text);
}

static bool
is_below(struct span name, struct span domain)
{
	size_t from = name.len - domain.len;

	return name.len > domain.len && name.ptr[from - 1] == '.' &&
	       span_equal_nocase(span_slice(name, from, name.len), domain);
}

/* YES when the name has the sender's address; one that cannot be asked about
 * has not (section 5.5). */
static enum spf_step
is_validated(struct spf_walk *it, struct span name)
{
	struct dns_answer answer;
	char text[DNS_NAME_MAX + 1];
	enum spf_step step;

	span_text(text, sizeof text, name);
	step = spf_ask(it, text, address_type(it), &answer);
	if (step == STEP_NO && !spf_is_failed(&answer) &&
	    has_address(it, &answer, it->ip_len == 4 ? 32 : 128))
		step = STEP_YES;
	dns_answer_done(&answer);
	return step;
}

/* How a validated name is looked for. */
enum wanted { WANT_SAME, WANT_BELOW, WANT_ANY };

static bool
is_wanted(struct span name, struct span domain, enum wanted wanted)
{
	if (wanted == WANT_SAME)
		return span_equal_nocase(name, domain);
	return wanted == WANT_ANY || is_below(name, domain);
}

/* Looks for a validated name among the first of the answer. */
static enum spf_step
find_host(struct spf_walk *it, const struct dns_answer *names,
    struct span domain, enum wanted wanted, struct span *found)
{
	for (size_t i = 0; i < names->count && i < SPF_NAMES_MAX; i++) {
		struct span name = names->record[i].raw;
		enum spf_step step;

		if (!is_wanted(name, domain, wanted))
			continue;
		step = is_validated(it, name);
		if (step == STEP_YES)
			*found = name;
		if (step != STEP_NO)
			return step;
	}
	return STEP_NO;
}

static enum spf_step
match_ptr(struct spf_walk *it, const char *target)
{
	struct dns_answer names;
	struct span found, domain = span_of(target);
	char name[REVERSE_MAX];
	enum spf_step step;

	reverse_name(it, name);
	step = spf_ask(it, name, DNS_PTR, &names);
	if (step == STEP_NO && !spf_is_failed(&names) && !names.count) {
		it->answer->voids++;
		if (spf_is_over(it, it->answer->voids, SPF_VOIDS_MAX))
			step = spf_perm_error(it, "voids", name, SPAN(""));
	}
	if (step == STEP_NO)
		step = find_host(it, &names, domain, WANT_SAME, &found);
	if (step == STEP_NO)
		step = find_host(it, &names, domain, WANT_BELOW, &found);
	dns_answer_done(&names);
	return step;
}

/* %{p}: the domain itself, a name below it, any; "unknown". */
static enum spf_step
need_host(struct spf_walk *it, const char *domain)
{
	struct dns_answer names;
	struct span found = SPAN("unknown");
	char name[REVERSE_MAX];
	enum spf_step step;

	if (it->host_known)
		return STEP_NO;
	reverse_name(it, name);
	step = spf_ask(it, name, DNS_PTR, &names);
	for (int want = WANT_SAME; step == STEP_NO && want <= WANT_ANY; want++)
		step = find_host(
		    it, &names, span_of(domain), (enum wanted)want, &found);
	span_text(it->host, sizeof it->host, found);
	it->host_known = step != STEP_ERROR;
	dns_answer_done(&names);
	return it->host_known ? STEP_NO : STEP_ERROR;
}

/* ---- Macros -------------------------------------------------------------------- */

/* Fills text in; NO, or ERROR. */
enum spf_step
spf_fill(
    struct spf_walk *it, const char *domain, struct span text, struct buf *out)
{
	const struct spf_question *question = it->question;
	struct spf_macros with = {
	    .sender = it->sender,
	    .local = it->local,
	    .sender_domain = it->sender_domain,
	    .domain = span_of(domain),
	    .ehlo = question->ehlo,
	    .receiver =
		question->receiver.len ? question->receiver : SPAN("unknown"),
	    .ip = it->ip,
	    .ip_len = it->ip_len,
	    .now_s = question->now_s,
	};

	if (spf_macro_has(text, 'p') && need_host(it, domain) == STEP_ERROR)
		return STEP_ERROR;
	with.host = span_of(it->host);
	spf_macro_expand(text, &with, out);
	return STEP_NO;
}

/* The name that a term speaks of: its domain filled in, cut at the left to what
 * fits (section 7.3), or the frame's.  What cannot be a name comes out empty. */
enum spf_step
spf_target(struct spf_walk *it, const struct spf_frame *frame,
    struct span domain, char out[DNS_NAME_MAX + 1])
{
	struct buf text = BUF_INIT;
	struct span name;

	if (!domain.len)
		domain = SPAN("%{d}");
	if (spf_fill(it, frame->domain, domain, &text) == STEP_ERROR) {
		buf_done(&text);
		return STEP_ERROR;
	}
	name = buf_span(&text);
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	while (name.len > DNS_NAME_MAX)
		span_cut(&name, '.');
	if (span_index(name, '\0') < name.len)
		name.len = 0;
	span_text(out, DNS_NAME_MAX + 1, name);
	buf_done(&text);
	return STEP_NO;
}

/* ---- Mechanisms ---------------------------------------------------------------- */

static enum spf_step
match_a(struct spf_walk *it, const char *target, int prefix)
{
	struct dns_answer answer;
	enum spf_step step = ask_for(it, target, address_type(it), &answer);

	if (step == STEP_YES && !has_address(it, &answer, prefix))
		step = STEP_NO;
	dns_answer_done(&answer);
	return step;
}

static enum spf_step
match_mx(struct spf_walk *it, const struct spf_term *term, const char *target)
{
	struct dns_answer hosts;
	enum spf_step step = ask_for(it, target, DNS_MX, &hosts);

	if (step == STEP_YES)
		step = hosts.count > SPF_NAMES_MAX && !it->survey
			   ? spf_perm_error(it, "mx", target, term->text)
			   : STEP_NO;
	for (size_t i = 0; step == STEP_NO && i < hosts.count; i++) {
		char name[DNS_NAME_MAX + 1];

		span_text(name, sizeof name, hosts.record[i].raw);
		if (strcmp(name, ".") != 0)
			step = match_a(it, name, prefix_of(it, term));
		if (step == STEP_YES && it->survey)
			step = STEP_NO;
	}
	dns_answer_done(&hosts);
	return step;
}

static enum spf_step
match_exists(struct spf_walk *it, const char *target)
{
	struct dns_answer answer;
	enum spf_step step = ask_for(it, target, DNS_A, &answer);

	dns_answer_done(&answer);
	return step;
}

/* What an included record's result makes of the term (section 5.2). */
static enum spf_step
match_include(struct spf_walk *it, const struct spf_frame *frame,
    const struct spf_term *term, const char *target)
{
	struct spf_answer *answer = it->answer;
	struct spf_frame inner = {target, frame->depth + 1,
	    frame->passes && term->result == SPF_PASS};
	enum spf_step step;

	if (frame->depth == DEPTH_MAX)
		return spf_perm_error(it, "lookups", frame->domain, term->text);
	step = spf_evaluate(it, &inner);
	if (step == STEP_ERROR)
		return step;
	switch (answer->result) {
	case SPF_PASS:
		return STEP_YES;
	case SPF_NONE:
		return spf_perm_error(it, "include", frame->domain, term->text);
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		return STEP_END;
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		break;
	}
	answer->inside[0] = '\0';
	return STEP_NO;
}

enum spf_step
spf_match(struct spf_walk *it, const struct spf_frame *frame,
    const struct spf_term *term)
{
	char target[DNS_NAME_MAX + 1];

	if (spf_target(it, frame, term->domain, target) == STEP_ERROR)
		return STEP_ERROR;
	switch (term->kind) {
	case SPF_ALL:
		return STEP_YES;
	case SPF_INCLUDE:
		return match_include(it, frame, term, target);
	case SPF_A:
		return match_a(it, target, prefix_of(it, term));
	case SPF_MX:
		return match_mx(it, term, target);
	case SPF_PTR:
		return match_ptr(it, target);
	case SPF_IP4:
	case SPF_IP6:
		return it->ip_len == (term->kind == SPF_IP4 ? 4 : 16) &&
			       in_network(it, term->ip, prefix_of(it, term))
			   ? STEP_YES
			   : STEP_NO;
	case SPF_EXISTS:
		return match_exists(it, target);
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_OTHER:
		break;
	}
	return STEP_NO;
}
