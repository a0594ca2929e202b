/* What stands in DNS about the sender, as lines of the checklist.  The doctor
 * finds, here is decided which line a finding fails: what could not be asked is
 * never passed, and what somebody else's relay does is warned of, not
 * blocked. */
#include "core/review/jobs.h"

#include "core/mail/address.h"

/* One examination for one job. */
struct consult {
	struct check_run *run;
	struct house house;
	struct doctor_report report;
	struct span from, back; /* domains */
};

static int
consult_begin(struct consult *it, struct check_run *run, struct err *err)
{
	const struct campaign *campaign = &run->inputs->campaign;
	struct house_sender sender = {
	    .from = buf_span(&campaign->from_address),
	    .reply_to = buf_span(&campaign->reply_to),
	};

	*it = (struct consult){.run = run};
	if (house_read(run->db, &sender, &it->house, err) < 0)
		return -1;
	it->from = it->back = SPAN("");
	for (size_t i = 0; i < it->house.domains; i++) {
		if (it->house.domain[i].roles & HOUSE_FROM)
			it->from = it->house.domain[i].name;
		if (it->house.domain[i].roles & HOUSE_RETURN)
			it->back = it->house.domain[i].name;
	}
	return 0;
}

static int
consult_ask(struct consult *it, unsigned parts, struct err *err)
{
	struct doctor_how how = {
	    .world = it->run->review->world,
	    .parts = parts,
	    .cancel = &it->run->review->cancel,
	};
	struct err why = {.code = E_NONE};

	if (doctor_examine(&how, &it->house, &it->report, &why) == 0)
		return 0;
	if (why.code == E_DNS_SETUP) {
		/* nobody to ask: every line says so */
		struct world nobody = {.clock = how.world->clock};

		how.world = &nobody;
		return doctor_examine(&how, &it->house, &it->report, err);
	}
	if (err)
		*err = why;
	return -1;
}

static void
consult_end(struct consult *it)
{
	doctor_report_done(&it->report);
	house_done(&it->house);
}

/* ---- From findings to a line ------------------------------------------------------ */

/* What shows a finding: whom it is about, and its facts. */
static void
explain(struct review *review, enum check_id check,
    const struct doctor_finding *finding)
{
	struct buf value = BUF_INIT;
	struct span facts = finding->facts;

	buf_add(&value, finding->subject);
	while (facts.len) {
		struct span line = span_cut(&facts, '\n');

		buf_text(&value, value.len ? ", " : "");
		buf_add(&value, line);
	}
	result_why(
	    review, check, doctor_code_name(finding->code), buf_span(&value));
	buf_done(&value);
}

static void
set(struct consult *it, enum check_id check, enum check_state state,
    const struct doctor_finding *finding)
{
	struct review *review = it->run->review;

	result_set(review, check, state, state == CHECK_FAIL);
	if (finding && state != CHECK_PASS)
		explain(review, check, finding);
}

/* The worst of those that pick() takes; NULL: none. */
typedef bool picks(
    const struct consult *it, const struct doctor_finding *finding);

static const struct doctor_finding *
worst_of(const struct consult *it, picks *pick)
{
	const struct doctor_finding *worst = NULL;

	for (size_t i = 0; i < it->report.count; i++) {
		const struct doctor_finding *finding = &it->report.finding[i];

		if (pick(it, finding) &&
		    (!worst || finding->sign > worst->sign))
			worst = finding;
	}
	return worst;
}

static const struct doctor_finding *
unknown_of(const struct consult *it, picks *pick)
{
	for (size_t i = 0; i < it->report.count; i++) {
		const struct doctor_finding *finding = &it->report.finding[i];

		if (finding->sign == DOCTOR_UNKNOWN && pick(it, finding))
			return finding;
	}
	return NULL;
}

/* Sets a line by the worst finding: from fails on a line fails, and nothing
 * found is nothing known.  A warning that a line lets pass does not hide what
 * could not be asked. */
static void
judge(struct consult *it, enum check_id check, picks *pick,
    enum doctor_sign fails)
{
	const struct doctor_finding *worst = worst_of(it, pick);
	const struct doctor_finding *unknown = unknown_of(it, pick);

	if (worst && worst->sign >= fails)
		set(it, check, CHECK_FAIL, worst);
	else if (!worst || unknown)
		set(it, check, CHECK_NOT_EVALUATED, unknown);
	else
		set(it, check, CHECK_PASS, worst);
}

static const struct doctor_finding *
coded(const struct consult *it, enum doctor_code code)
{
	for (size_t i = 0; i < it->report.count; i++) {
		if (it->report.finding[i].code == code)
			return &it->report.finding[i];
	}
	return NULL;
}

/* A topic that could not be asked about at all has a finding without
 * subject. */
static bool
is_about(const struct doctor_finding *finding, enum doctor_topic topic,
    struct span subject)
{
	return finding->topic == topic &&
	       (!finding->subject.len || span_equal(finding->subject, subject));
}

/* ---- Who gets it ----------------------------------------------------------------------- */

struct crowd_of {
	int64_t docomo, gmail, microsoft;
};

/* Members of the list whose domain is one that has demands of its own. */
static int
count_crowd(struct check_run *run, struct crowd_of *out, struct err *err)
{
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT sum(c.canon LIKE '%@docomo.ne.jp'),"
	    " sum(c.canon LIKE '%@gmail.com' OR c.canon LIKE"
	    " '%@googlemail.com'),"
	    " sum(c.canon LIKE '%@outlook.%' OR c.canon LIKE '%@hotmail.%'"
	    " OR c.canon LIKE '%@live.%' OR c.canon LIKE '%@msn.com')"
	    " FROM member m JOIN contact c ON c.id = m.contact"
	    " WHERE m.list = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, run->inputs->campaign.list);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->docomo = stmt_col_int(stmt, 0);
		out->gmail = stmt_col_int(stmt, 1);
		out->microsoft = stmt_col_int(stmt, 2);
	}
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

/* ---- SPF --------------------------------------------------------------------------------- */

static bool
is_spf_of_return(const struct consult *it, const struct doctor_finding *finding)
{
	return is_about(finding, DOCTOR_SPF, it->back);
}

static bool
is_spf_of_from(const struct consult *it, const struct doctor_finding *finding)
{
	return is_about(finding, DOCTOR_SPF, it->from);
}

static void
judge_spf(struct consult *it, const struct crowd_of *crowd)
{
	struct review *review = it->run->review;
	enum check_id strict = crowd->docomo ? DN_02 : DN_02W;
	enum check_id other = crowd->docomo ? DN_02W : DN_02;

	judge(it, DN_01, is_spf_of_return, DOCTOR_BAD);
	result_fact(review, DN_01, "domain=%.*s addresses=%zu",
	    SPAN_ARG(it->back), it->house.addresses);
	/* docomo wants it; for the others it is good manners */
	judge(it, strict, is_spf_of_from, DOCTOR_WARN);
	set(it, other, CHECK_PASS, NULL);
	result_fact(review, DN_02, "docomo=%lld", (long long)crowd->docomo);
}

/* ---- DKIM -------------------------------------------------------------------------------- */

static bool
is_dkim(const struct consult *it, const struct doctor_finding *finding)
{
	(void)it;
	return finding->topic == DOCTOR_DKIM;
}

static bool
is_key(const struct consult *it, const struct doctor_finding *finding)
{
	(void)it;
	return finding->topic == DOCTOR_KEY;
}

static bool
is_alignment(const struct consult *it, const struct doctor_finding *finding)
{
	(void)it;
	return finding->topic == DOCTOR_ALIGN &&
	       finding->code != DOCTOR_ALIGN_SPF &&
	       finding->code != DOCTOR_ALIGN_NO_SPF;
}

/* Without a key of ours the relay may sign, which we cannot see; advertisements
 * must be signed by us (HD-06). */
static bool
relay_may_sign(const struct consult *it)
{
	return coded(it, DOCTOR_DKIM_NO_KEY) &&
	       it->run->inputs->campaign.class != CLASS_AD;
}

static void
judge_dkim(struct consult *it)
{
	const struct doctor_finding *none = coded(it, DOCTOR_DKIM_NO_KEY);
	const struct doctor_finding *brief = coded(it, DOCTOR_DKIM_SHORT);

	judge(it, DN_03, is_dkim, DOCTOR_BAD);
	if (relay_may_sign(it))
		set(it, DN_03, CHECK_NOT_EVALUATED, none);
	if (brief)
		set(it, DN_03W, CHECK_FAIL, brief);
	else
		set(it, DN_03W,
		    coded(it, DOCTOR_DKIM_GOOD) ? CHECK_PASS
						: CHECK_NOT_EVALUATED,
		    worst_of(it, is_dkim));
	judge(it, DN_09, is_key, DOCTOR_WARN);
	if (!worst_of(it, is_key))
		set(it, DN_09, CHECK_NOT_EVALUATED, none);
}

/* ---- DMARC ------------------------------------------------------------------------------- */

static bool
is_dmarc(const struct consult *it, const struct doctor_finding *finding)
{
	return is_about(finding, DOCTOR_DMARC, it->from);
}

static bool
is_report(const struct consult *it, const struct doctor_finding *finding)
{
	return is_about(finding, DOCTOR_REPORTS, it->from);
}

static bool
is_spf_fit(const struct consult *it, const struct doctor_finding *finding)
{
	(void)it;
	return finding->topic == DOCTOR_ALIGN &&
	       finding->code != DOCTOR_ALIGN_DKIM &&
	       finding->code != DOCTOR_ALIGN_NO_DKIM;
}

static void
judge_alignment(struct consult *it)
{
	judge(it, DN_05, is_alignment, DOCTOR_BAD);
	if (relay_may_sign(it))
		set(it, DN_05, CHECK_NOT_EVALUATED,
		    coded(it, DOCTOR_ALIGN_NO_DKIM));
	judge(it, DN_05W, is_spf_fit, DOCTOR_WARN);
}

/* Gmail and Microsoft refuse bulk mail without a record; below their limits it
 * is a warning. */
static void
judge_dmarc(struct consult *it, const struct crowd_of *crowd)
{
	enum { BULK = 5000 };
	const struct doctor_finding *missing = coded(it, DOCTOR_DMARC_MISSING);
	const struct doctor_finding *worst = worst_of(it, is_dmarc);
	bool bulk = crowd->gmail > BULK || crowd->microsoft > BULK;

	judge(it, DN_06, is_dmarc, DOCTOR_BAD);
	result_fact(it->run->review, DN_06, "gmail=%lld microsoft=%lld",
	    (long long)crowd->gmail, (long long)crowd->microsoft);
	if (missing) {
		set(it, DN_06, bulk ? CHECK_FAIL : CHECK_PASS, missing);
		set(it, DN_06W, CHECK_FAIL, missing);
	} else if (worst && worst->sign == DOCTOR_BAD) {
		set(it, DN_06W, CHECK_NOT_EVALUATED, worst);
	} else {
		judge(it, DN_06W, is_dmarc, DOCTOR_WARN);
	}
	/* without anybody to report to there is nothing to be allowed */
	judge(it, DN_07, is_report, DOCTOR_WARN);
	if (!worst_of(it, is_report) && worst && worst->sign != DOCTOR_UNKNOWN)
		set(it, DN_07, CHECK_PASS, NULL);
}

/* ---- Hosts, extras ------------------------------------------------------------------------- */

static bool
is_host(const struct consult *it, const struct doctor_finding *finding)
{
	(void)it;
	return finding->topic == DOCTOR_HOST || finding->topic == DOCTOR_EHLO;
}

static bool
is_extra(const struct consult *it, const struct doctor_finding *finding)
{
	(void)it;
	return finding->topic == DOCTOR_EXTRA;
}

static void
judge_hosts(struct consult *it)
{
	bool own = it->house.egress == HOUSE_OWN;

	judge(it, own ? DN_08 : DN_08W, is_host, DOCTOR_WARN);
	set(it, own ? DN_08W : DN_08, CHECK_PASS, NULL);
	result_fact(it->run->review, DN_08, "egress=%s", own ? "own" : "relay");
	result_fact(
	    it->run->review, DN_08W, "egress=%s", own ? "own" : "relay");
}

static void
judge_extras(struct consult *it)
{
	struct review *review = it->run->review;

	judge(it, DN_10, is_extra, DOCTOR_WARN);
	for (size_t i = 0; i < it->report.count; i++) {
		const struct doctor_finding *finding = &it->report.finding[i];

		if (finding->topic == DOCTOR_EXTRA && finding->subject.len)
			result_fact(review, DN_10, "%s=%d",
			    doctor_code_name(finding->code),
			    (int)finding->sign);
	}
}

int
check_authentication(struct check_run *run, struct err *err)
{
	struct crowd_of crowd = {0};
	struct consult it;
	int rc = -1;

	if (consult_begin(&it, run, err) < 0 ||
	    count_crowd(run, &crowd, err) < 0 ||
	    consult_ask(&it,
		DOCTOR_PART_AUTH | DOCTOR_PART_HOSTS | DOCTOR_PART_EXTRA,
		err) < 0)
		goto out;
	judge_spf(&it, &crowd);
	judge_dkim(&it);
	judge_alignment(&it);
	judge_dmarc(&it, &crowd);
	judge_hosts(&it);
	judge_extras(&it);
	rc = 0;
out:
	consult_end(&it);
	return rc;
}

/* ---- HD-04 ----------------------------------------------------------------------------------- */

static bool
is_mail(const struct consult *it, const struct doctor_finding *finding)
{
	(void)it;
	return finding->topic == DOCTOR_MAIL;
}

int
check_sender_domains(struct check_run *run, struct err *err)
{
	struct consult it;
	int rc = -1;

	if (consult_begin(&it, run, err) == 0)
		rc = consult_ask(&it, DOCTOR_PART_MAIL, err);
	if (rc == 0) {
		judge(&it, HD_04, is_mail, DOCTOR_BAD);
		result_fact(
		    run->review, HD_04, "domains=%zu", it.house.domains);
	}
	consult_end(&it);
	return rc;
}

/* ---- Block lists ----------------------------------------------------------------------------- */

static bool
is_zone(const struct span *zone, size_t count, struct span subject)
{
	for (size_t i = 0; i < count; i++) {
		if (span_equal(zone[i], subject))
			return true;
	}
	return false;
}

/* About an address, or about a list of addresses itself.  A list that is dead
 * was not asked and counts for nothing. */
static bool
is_address_list(const struct consult *it, const struct doctor_finding *finding)
{
	const struct house *house = &it->house;
	bool about = !finding->subject.len ||
		     span_equal(finding->subject, SPAN("addresses")) ||
		     is_zone(house->address_list, house->address_lists,
			 finding->subject);

	for (size_t i = 0; i < house->addresses && !about; i++)
		about =
		    span_equal(finding->subject, span_of(house->address[i]));
	return finding->topic == DOCTOR_LIST && about &&
	       finding->code != DOCTOR_LIST_DEAD;
}

static bool
is_name_list(const struct consult *it, const struct doctor_finding *finding)
{
	const struct house *house = &it->house;
	bool about =
	    !finding->subject.len ||
	    span_equal(finding->subject, SPAN("names")) ||
	    is_zone(house->name_list, house->name_lists, finding->subject);

	for (size_t i = 0; i < house->domains && !about; i++)
		about = span_equal(finding->subject, house->domain[i].name);
	return finding->topic == DOCTOR_LIST && about &&
	       finding->code != DOCTOR_LIST_DEAD;
}

static int
count_dead(const struct consult *it, const struct span *zone, size_t count)
{
	int dead = 0;

	for (size_t i = 0; i < it->report.count; i++) {
		const struct doctor_finding *finding = &it->report.finding[i];

		dead += finding->code == DOCTOR_LIST_DEAD &&
			is_zone(zone, count, finding->subject);
	}
	return dead;
}

static void
judge_names(struct consult *it, enum check_id check)
{
	judge(it, check, is_name_list, DOCTOR_BAD);
	result_fact(it->run->review, check, "lists=%zu dead=%d names=%zu",
	    it->house.name_lists,
	    count_dead(it, it->house.name_list, it->house.name_lists),
	    it->house.domains);
}

/* An address that nobody has told is not clean. */
static void
judge_addresses(struct consult *it)
{
	judge(it, RP_01, is_address_list, DOCTOR_BAD);
	if (!it->house.addresses && it->house.address_lists) {
		result_set(it->run->review, RP_01, CHECK_NOT_EVALUATED, 0);
		result_why(it->run->review, RP_01,
		    doctor_code_name(DOCTOR_NO_EGRESS), SPAN(""));
	}
	result_fact(it->run->review, RP_01, "lists=%zu dead=%d addresses=%zu",
	    it->house.address_lists,
	    count_dead(it, it->house.address_list, it->house.address_lists),
	    it->house.addresses);
}

/* The host behind https:// in a setting. */
static void
add_setting_host(struct consult *it, const char *name)
{
	struct buf url = BUF_INIT;
	struct span host;

	if (setting_read(it->run->db, name, &url, NULL) == 0 &&
	    span_starts(buf_span(&url), SPAN("https://"))) {
		host = span_slice(buf_span(&url), 8, url.len);
		host = span_slice(host, 0, span_index(host, '/'));
		host = span_slice(host, 0, span_index(host, ':'));
		house_add_domain(&it->house, host, HOUSE_LINK);
	}
	buf_done(&url);
}

int
check_block_lists(struct check_run *run, struct err *err)
{
	struct consult it;
	int rc = -1;

	if (consult_begin(&it, run, err) < 0)
		goto out;
	add_setting_host(&it, "unsubscribe.base_url");
	rc = consult_ask(&it, DOCTOR_PART_LISTS, err);
	if (rc == 0) {
		judge_addresses(&it);
		judge_names(&it, RP_02);
	}
out:
	consult_end(&it);
	return rc;
}

/* ---- Links ------------------------------------------------------------------------------------ */

/* Services that hide where a link leads, and that spam uses for it. */
static const char *const shorteners[] = {"bit.ly", "buff.ly", "cutt.ly",
    "goo.gl", "is.gd", "j.mp", "lnkd.in", "nazr.in", "ow.ly", "p.tl",
    "qr.quel.jp", "rb.gy", "rebrand.ly", "s.id", "shorturl.at", "soo.gd",
    "t.co", "t.ly", "tiny.cc", "tinyurl.com", "urx.blue", "urx.space",
    "urx2.nu", "ux.nu", "v.gd", "x.gd"};

static bool
is_shortener(struct span host)
{
	if (span_starts(host, SPAN("www.")))
		host = span_slice(host, 4, host.len);
	for (size_t i = 0; i < sizeof shorteners / sizeof *shorteners; i++) {
		if (span_equal(host, span_of(shorteners[i])))
			return true;
	}
	return false;
}

static bool
ends_host(char c)
{
	return (unsigned char)c <= ' ' || strchr("/?#:()<>[]\"'|*`,;", c);
}

/* Every host that a text links to, whatever section it stands in.  Merge marks
 * cannot stand in a host. */
static void
add_hosts(struct consult *it, struct span text)
{
	while (text.len) {
		size_t at = span_search(text, SPAN("://")), end;

		if (at == text.len)
			return;
		text = span_slice(text, at + 3, text.len);
		for (end = 0; end < text.len && !ends_host(text.ptr[end]);)
			end++;
		house_add_domain(
		    &it->house, span_slice(text, 0, end), HOUSE_LINK);
	}
}

static void
judge_shorteners(struct consult *it)
{
	struct review *review = it->run->review;

	result_set(review, LK_04W, CHECK_PASS, 0);
	for (size_t i = 0; i < it->house.domains; i++) {
		struct span host = it->house.domain[i].name;

		if (!is_shortener(host))
			continue;
		result_set(review, LK_04W, CHECK_FAIL, 1);
		result_why(review, LK_04W, "shortener", host);
		return;
	}
}

int
check_link_lists(struct check_run *run, struct err *err)
{
	struct consult it;
	int rc = -1;

	if (consult_begin(&it, run, err) < 0)
		goto out;
	/* links alone: the sender's own domains are RP-02's */
	it.house.domains = 0;
	it.house.address_lists = 0;
	add_hosts(&it, buf_span(&run->inputs->campaign.body));
	judge_shorteners(&it);
	if (!it.house.domains) {
		result_set(run->review, LK_04, CHECK_PASS, 0);
		rc = 0;
	} else {
		rc = consult_ask(&it, DOCTOR_PART_LISTS, err);
		if (rc == 0)
			judge_names(&it, LK_04);
	}
out:
	consult_end(&it);
	return rc;
}
