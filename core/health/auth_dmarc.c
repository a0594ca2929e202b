/* DMARC of a From domain: the record that receivers find, whether ours would
 * pass it, and whether those who are to get the reports take them. */
#include "core/health/examine.h"

#include "core/net/dmarc.h"

struct dmarc_look {
	struct patient *patient;
	struct span domain;
	struct dmarc_question question;
	struct dmarc_walk walk;
	struct dmarc_found found;
};

static struct doctor_finding *
add_at(struct dmarc_look *look, enum doctor_code code, const char *at)
{
	struct doctor_report *part = &look->patient->part;
	struct doctor_finding *finding =
	    report_add(part, DOCTOR_DMARC, code, look->domain);

	finding_fact(part, finding, "at", span_of(at));
	return finding;
}

static void
record_at(struct dmarc_look *look, struct doctor_finding *finding,
    const char *at, struct span value)
{
	struct buf name = BUF_INIT;

	buf_printf(&name, "_dmarc.%s", at);
	finding_record(
	    &look->patient->part, finding, buf_span(&name), "TXT", value);
	buf_done(&name);
}

/* Where reports might go: a name that has to be made, which the screen says. */
static void
add_rua(const char *at, struct buf *out)
{
	buf_printf(out, "mailto:dmarc-reports@%s", at);
}

static void
record_new(
    struct dmarc_look *look, struct doctor_finding *finding, const char *at)
{
	struct buf value = BUF_INIT;

	buf_text(&value, "v=DMARC1; p=none; rua=");
	add_rua(at, &value);
	record_at(look, finding, at, buf_span(&value));
	buf_done(&value);
}

/* ---- Records that cannot be used -------------------------------------------- */

/* The DMARC records that stand there; the first one that can be read is what
 * ought to stay. */
static int
add_several(
    struct dmarc_look *look, const struct dmarc_step *step, struct err *err)
{
	struct doctor_report *part = &look->patient->part;
	struct doctor_finding *finding =
	    add_at(look, DOCTOR_DMARC_SEVERAL, step->domain);
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT;
	bool kept = false;
	int rc;

	finding_int(part, finding, "count", (int64_t)step->records);
	buf_printf(&name, "_dmarc.%s", step->domain);
	rc = patient_ask(look->patient, name.ptr, DNS_TXT, &answer, err);
	for (size_t i = 0; i < answer.count; i++) {
		struct span text = answer.record[i].data;
		struct dmarc_record record;

		if (!dmarc_is_record(text))
			continue;
		finding_found(part, finding, text);
		if (!kept && dmarc_parse(text, &record, NULL) == 0) {
			record_at(look, finding, step->domain, text);
			kept = true;
		}
	}
	if (!kept)
		record_new(look, finding, step->domain);
	dns_answer_done(&answer);
	buf_done(&name);
	return rc;
}

static void
add_syntax(struct dmarc_look *look, const struct dmarc_step *step)
{
	struct doctor_report *part = &look->patient->part;
	struct doctor_finding *finding =
	    add_at(look, DOCTOR_DMARC_SYNTAX, step->domain);

	finding_fact(
	    part, finding, "why", span_of(err_find(&step->why, "why")));
	finding_fact(
	    part, finding, "tag", span_of(err_find(&step->why, "tag")));
	finding_found(part, finding, step->record.text);
	record_new(look, finding, step->domain);
}

/* Steps up to the record that counts whose records are no use; their number. */
static int
judge_steps(struct dmarc_look *look, int *faults, struct err *err)
{
	*faults = 0;
	for (size_t i = 0; i < look->walk.count; i++) {
		const struct dmarc_step *step = &look->walk.step[i];

		if (step == look->found.step)
			break;
		if (!step->records || step->usable)
			continue;
		++*faults;
		if (step->records > 1) {
			if (add_several(look, step, err) < 0)
				return -1;
		} else {
			add_syntax(look, step);
		}
	}
	return 0;
}

/* ---- The record that counts ---------------------------------------------------- */

static void
add_tags(struct dmarc_look *look, const struct dmarc_step *step)
{
	static const struct {
		unsigned tag;
		const char *name;
	} tags[] = {
	    {DMARC_TAG_P, "p"},
	    {DMARC_TAG_SP, "sp"},
	    {DMARC_TAG_NP, "np"},
	    {DMARC_TAG_ADKIM, "adkim"},
	    {DMARC_TAG_ASPF, "aspf"},
	    {DMARC_TAG_RUA, "rua"},
	    {DMARC_TAG_RUF, "ruf"},
	    {DMARC_TAG_FO, "fo"},
	    {DMARC_TAG_PSD, "psd"},
	    {DMARC_TAG_T, "t"},
	    {DMARC_TAG_PCT, "pct"},
	    {DMARC_TAG_RF, "rf"},
	    {DMARC_TAG_RI, "ri"},
	    {DMARC_TAG_SIZE, "!"},
	};
	static const unsigned gone =
	    DMARC_TAG_PCT | DMARC_TAG_RF | DMARC_TAG_RI | DMARC_TAG_SIZE;
	struct doctor_report *part = &look->patient->part;
	const struct dmarc_record *record = &step->record;

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		bool old = tags[i].tag & gone &&
			   tags[i].tag & (record->tags | record->bad);

		if (!old && !(tags[i].tag & record->bad))
			continue;
		finding_fact(part,
		    add_at(look,
			old ? DOCTOR_DMARC_OLD_TAG : DOCTOR_DMARC_BAD_TAG,
			step->domain),
		    "tag", span_of(tags[i].name));
	}
}

/* The record with one thing changed, as what to publish next. */
static void
record_changed(struct dmarc_look *look, struct doctor_finding *finding,
    const char *tag, struct span value)
{
	const struct dmarc_step *step = look->found.step;
	struct buf record = BUF_INIT;

	finding_found(&look->patient->part, finding, step->record.text);
	record_dmarc(step->record.text, tag, value, &record);
	record_at(look, finding, step->domain, buf_span(&record));
	buf_done(&record);
}

/* The tag whose value is the policy that counts here. */
static const char *
policy_tag(const struct dmarc_look *look)
{
	const struct dmarc_record *record = &look->found.step->record;

	if (look->found.where == DMARC_AUTHOR)
		return "p";
	if (!look->found.exists && record->tags & DMARC_TAG_NP)
		return "np";
	return record->tags & DMARC_TAG_SP ? "sp" : "p";
}

static void
judge_policy(struct dmarc_look *look)
{
	struct doctor_report *part = &look->patient->part;
	const struct dmarc_step *step = look->found.step;
	const struct dmarc_record *record = &step->record;
	struct doctor_finding *finding;

	if (record->saved)
		record_changed(look,
		    add_at(look, DOCTOR_DMARC_SAVED, step->domain), "p",
		    SPAN("none"));
	else if (look->found.policy == DMARC_NONE)
		record_changed(look,
		    add_at(look, DOCTOR_DMARC_NONE, step->domain),
		    policy_tag(look), SPAN("quarantine"));
	if (look->found.policy != DMARC_NONE) {
		finding = add_at(look,
		    record->testing ? DOCTOR_DMARC_TESTING : DOCTOR_DMARC_GOOD,
		    step->domain);
		finding_fact(part, finding, "policy",
		    span_of(dmarc_policy_name(look->found.policy)));
		if (record->testing)
			record_changed(look, finding, "t", SPAN("n"));
		else
			finding_found(part, finding, record->text);
	}
}

static void
judge_reports(struct dmarc_look *look)
{
	const struct dmarc_step *step = look->found.step;
	struct buf rua = BUF_INIT;

	if (step->record.rua.count)
		return;
	add_rua(step->domain, &rua);
	record_changed(look, add_at(look, DOCTOR_DMARC_NO_RUA, step->domain),
	    "rua", buf_span(&rua));
	buf_done(&rua);
}

/* ---- Reports to others ------------------------------------------------------------ */

static void
add_target(struct dmarc_look *look, struct span uri, enum dmarc_target target)
{
	static const enum doctor_code codes[] = {
	    [DMARC_TARGET_OWN] = DOCTOR_RUA_OWN,
	    [DMARC_TARGET_ALLOWED] = DOCTOR_RUA_ALLOWED,
	    [DMARC_TARGET_MISSING] = DOCTOR_RUA_MISSING,
	    [DMARC_TARGET_UNSURE] = DOCTOR_DNS_LATER,
	};
	struct doctor_report *part = &look->patient->part;
	struct doctor_finding *finding =
	    report_add(part, DOCTOR_REPORTS, codes[target], look->domain);
	struct buf name = BUF_INIT;
	struct span to = dmarc_uri_domain(uri);

	buf_printf(&name, "%s._report._dmarc.%.*s", look->found.step->domain,
	    SPAN_ARG(to));
	finding_fact(part, finding, "uri", uri);
	if (target == DMARC_TARGET_UNSURE)
		finding_fact(part, finding, "name", buf_span(&name));
	if (target == DMARC_TARGET_MISSING)
		finding_record(
		    part, finding, buf_span(&name), "TXT", SPAN("v=DMARC1;"));
	buf_done(&name);
}

static int
judge_targets(
    struct dmarc_look *look, const struct dmarc_walk *policy, struct err *err)
{
	const struct dmarc_uris *rua = &look->found.step->record.rua;

	for (size_t i = 0; i < rua->count && i < DMARC_URIS_MAX; i++) {
		struct span to = dmarc_uri_domain(rua->uri[i]);
		enum dmarc_target target;

		if (!to.len) {
			finding_fact(&look->patient->part,
			    report_add(&look->patient->part, DOCTOR_REPORTS,
				DOCTOR_RUA_SYNTAX, look->domain),
			    "uri", rua->uri[i]);
			continue;
		}
		if (dmarc_target(&look->question, policy, to, &target, err) < 0)
			return -1;
		add_target(look, rua->uri[i], target);
	}
	return 0;
}

/* Reports are about the domain whose record it is. */
static int
ask_targets(struct dmarc_look *look, struct err *err)
{
	struct dmarc_walk above = {.count = 0};
	int rc;

	if (look->found.where == DMARC_AUTHOR)
		return judge_targets(look, &look->walk, err);
	rc = dmarc_walk(
	    &look->question, span_of(look->found.step->domain), &above, err);
	if (rc == 0)
		rc = judge_targets(look, &above, err);
	dmarc_walk_done(&above);
	return rc;
}

/* ---- Alignment ---------------------------------------------------------------------- */

static void
add_fit(struct dmarc_look *look, enum doctor_code code, const char *name,
    struct span with, enum dmarc_mode mode)
{
	struct doctor_report *part = &look->patient->part;
	struct doctor_finding *finding =
	    report_add(part, DOCTOR_ALIGN, code, look->domain);

	finding_fact(part, finding, name, with);
	finding_fact(part, finding, "mode", span_of(dmarc_mode_name(mode)));
}

/* We sign with a key of the From domain itself or not at all. */
static bool
has_key(const struct dmarc_look *look)
{
	const struct house *house = look->patient->house;

	for (size_t i = 0; i < house->keys; i++) {
		if (span_equal(house->key[i].domain, look->domain))
			return true;
	}
	return false;
}

static int
judge_alignment(struct dmarc_look *look, struct err *err)
{
	const struct dmarc_step *step = look->found.step;
	struct span back = look->patient->house->return_domain;
	enum dmarc_mode adkim = step ? step->record.adkim : DMARC_RELAXED;
	enum dmarc_mode aspf = step ? step->record.aspf : DMARC_RELAXED;
	enum dmarc_fit fit = DMARC_SAME;

	if (has_key(look)) {
		add_fit(look, DOCTOR_ALIGN_DKIM, "d", look->domain, adkim);
	} else {
		add_fit(look, DOCTOR_ALIGN_NO_DKIM, "d", SPAN(""), adkim);
		report_add(&look->patient->part, DOCTOR_DKIM,
		    DOCTOR_DKIM_NO_KEY, look->domain);
	}
	if (!back.len)
		back = look->domain;
	if (dmarc_compare(&look->question, &look->walk, back, &fit, err) < 0)
		return -1;
	if (fit == DMARC_UNSURE)
		finding_fact(&look->patient->part,
		    report_add(&look->patient->part, DOCTOR_ALIGN,
			DOCTOR_DNS_LATER, look->domain),
		    "name", back);
	else
		add_fit(look,
		    dmarc_aligned(fit, aspf) ? DOCTOR_ALIGN_SPF
					     : DOCTOR_ALIGN_NO_SPF,
		    "domain", back, aspf);
	return 0;
}

/* ---- The whole ------------------------------------------------------------------------ */

static int
judge(struct dmarc_look *look, struct err *err)
{
	int faults;

	if (look->walk.failed && look->found.where != DMARC_AUTHOR) {
		patient_no_way(
		    look->patient, DOCTOR_DMARC, look->domain, &look->walk.why);
		return judge_alignment(look, err);
	}
	if (judge_steps(look, &faults, err) < 0)
		return -1;
	if (look->found.where == DMARC_NOWHERE) {
		char at[DNS_NAME_MAX + 1];

		span_text(at, sizeof at, look->domain);
		if (!faults)
			record_new(
			    look, add_at(look, DOCTOR_DMARC_MISSING, at), at);
		return judge_alignment(look, err);
	}
	judge_policy(look);
	judge_reports(look);
	add_tags(look, look->found.step);
	if (judge_alignment(look, err) < 0)
		return -1;
	return ask_targets(look, err);
}

int
examine_dmarc(struct patient *patient, size_t number, struct err *err)
{
	const struct house_domain *domain = &patient->house->domain[number];
	struct dmarc_look look = {
	    .patient = patient,
	    .domain = domain->name,
	    .question = {patient->how->world->resolver, patient->how->cancel},
	};
	int rc;

	if (!(domain->roles & HOUSE_FROM))
		return 0;
	rc = dmarc_walk(&look.question, look.domain, &look.walk, err);
	if (rc == 0)
		rc = dmarc_find(&look.question, &look.walk, &look.found, err);
	if (rc == 0)
		rc = judge(&look, err);
	dmarc_walk_done(&look.walk);
	return rc;
}
