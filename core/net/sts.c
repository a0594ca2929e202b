/* What a policy says.  It is read strictly where it would loosen something (an
 * unknown mode, a missing age, no hosts make it invalid) and a pattern that is
 * no host name allows nobody. */
#include "core/net/sts.h"

#include <assert.h>

#include "core/base/buf.h"

static const char *const modes[] = {
    [STS_NONE] = "none",
    [STS_TESTING] = "testing",
    [STS_ENFORCE] = "enforce",
};
static_assert(
    sizeof modes / sizeof *modes == STS_ENFORCE + 1, "name every mode");

const char *
sts_mode_name(enum sts_mode mode)
{
	return (size_t)mode < sizeof modes / sizeof *modes ? modes[mode] : "";
}

static int
invalid(const char *why, struct err *err)
{
	err_set(err, E_STS_POLICY);
	return err_fact(err, "why", span_of(why));
}

/* ---- The policy ------------------------------------------------------------- */

/* Which of the fields that count once were seen. */
struct seen {
	bool version, mode, max_age;
};

static int
read_mode(struct span value, struct sts_policy *out, struct err *err)
{
	size_t mode = 0;

	while (mode <= STS_ENFORCE && !span_equal(value, span_of(modes[mode])))
		mode++;
	if (mode > STS_ENFORCE)
		return invalid("mode", err);
	out->mode = (enum sts_mode)mode;
	return 0;
}

static int
read_age(struct span value, struct sts_policy *out, struct err *err)
{
	if (value.len > 10 || !span_int(value, &out->max_age_s))
		return invalid("max_age", err);
	if (out->max_age_s > STS_AGE_MAX_S)
		out->max_age_s = STS_AGE_MAX_S;
	return 0;
}

static int
read_mx(struct span value, struct sts_policy *out, struct err *err)
{
	if (out->count == STS_MX_MAX)
		return invalid("mx", err);
	out->mx[out->count++] = value;
	return 0;
}

/* One field; a field that counts once is taken the first time. */
static int
read_field(struct span key, struct span value, struct seen *seen,
    struct sts_policy *out, struct err *err)
{
	bool *once = NULL;

	if (span_equal(key, SPAN("mx")))
		return read_mx(value, out, err);
	if (span_equal(key, SPAN("mode")))
		once = &seen->mode;
	else if (span_equal(key, SPAN("max_age")))
		once = &seen->max_age;
	if (!once || *once)
		return 0;
	*once = true;
	return once == &seen->mode ? read_mode(value, out, err)
				   : read_age(value, out, err);
}

static int
read_line(struct span line, struct seen *seen, struct sts_policy *out,
    struct err *err)
{
	struct span key = span_cut(&line, ':');
	struct span value = span_trim(line);

	if (!key.len)
		return invalid("line", err);
	if (seen->version)
		return read_field(key, value, seen, out, err);
	if (!span_equal(key, SPAN("version")) ||
	    !span_equal(value, SPAN("STSv1")))
		return invalid("version", err);
	seen->version = true;
	return 0;
}

int
sts_policy_read(struct span text, struct sts_policy *out, struct err *err)
{
	struct seen seen = {0};

	memset(out, 0, sizeof *out);
	if (text.len > STS_POLICY_MAX)
		return invalid("length", err);
	while (text.len) {
		struct span line = span_trim(span_cut(&text, '\n'));

		if (line.len && (span_index(line, ':') == line.len
					? invalid("line", err)
					: read_line(line, &seen, out, err)) < 0)
			return -1;
	}
	if (!seen.version)
		return invalid("version", err);
	if (!seen.mode)
		return invalid("mode", err);
	if (!seen.max_age)
		return invalid("max_age", err);
	if (out->mode != STS_NONE && !out->count)
		return invalid("mx", err);
	return 0;
}

bool
sts_allows(const struct sts_policy *policy, const char *host)
{
	struct span name = span_of(host), rest = name;

	span_cut(&rest, '.');
	if (!dns_is_host(name))
		return false;
	for (size_t i = 0; i < policy->count; i++) {
		struct span mx = policy->mx[i];

		if (span_starts(mx, SPAN("*."))) {
			if (span_equal_nocase(span_slice(mx, 2, mx.len), rest))
				return true;
		} else if (span_equal_nocase(mx, name)) {
			return true;
		}
	}
	return false;
}

/* ---- The announcement ------------------------------------------------------- */

static bool
is_id(struct span id)
{
	if (!id.len || id.len > STS_ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

/* The version ends at a blank or semicolon: "v=STSv10" is another one. */
static bool
is_version_one(struct span text)
{
	struct span first = span_cut(&text, ';');

	return span_equal(span_trim(first), SPAN("v=STSv1"));
}

static bool
read_id(struct span text, struct buf *out)
{
	span_cut(&text, ';');
	while (text.len) {
		struct span field = span_trim(span_cut(&text, ';'));
		struct span key = span_trim(span_cut(&field, '='));

		if (!span_equal(key, SPAN("id")))
			continue;
		field = span_trim(field);
		if (!is_id(field))
			return false;
		buf_add(out, field);
		return true;
	}
	return false;
}

bool
sts_announced(const struct dns_answer *answer, struct buf *out)
{
	const struct dns_record *found = NULL;

	if (answer->status != DNS_FOUND)
		return false;
	for (size_t i = 0; i < answer->count; i++) {
		if (!is_version_one(answer->record[i].data))
			continue;
		if (found)
			return false;
		found = &answer->record[i];
	}
	return found && read_id(found->data, out);
}
