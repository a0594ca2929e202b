/* What approvals of campaigns and of exports have in common. */
#include "core/access/statement.h"

#include <time.h>

#include "core/base/utf8.h"

static const char *const login_words[STATEMENT_LOGINS] = {
    [STATEMENT_SESSION] = "session",
    [STATEMENT_PAM] = "pam",
    [STATEMENT_PAM_AGAIN] = "pam, again before signing",
    [STATEMENT_PAM_SECOND] = "pam, again before signing, two factors",
};

struct span
statement_login_word(enum statement_login login)
{
	return span_of(login_words[login]);
}

enum statement_login
statement_login_of(struct span word)
{
	for (int i = 0; i < STATEMENT_LOGINS; i++) {
		if (span_equal(word, span_of(login_words[i])))
			return (enum statement_login)i;
	}
	return STATEMENT_SESSION;
}

void
statement_time(int64_t ms, struct buf *out)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[40] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &tm);
	buf_text(out, text);
}

int
statement_login_wanted(
    struct db *db, enum statement_login *out, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = setting_read(db, "stepup.approve", &value, err);

	if (span_equal(buf_span(&value), SPAN("never")))
		*out = STATEMENT_SESSION;
	else if (span_equal(buf_span(&value), SPAN("second")))
		*out = STATEMENT_PAM_SECOND;
	else
		*out = STATEMENT_PAM_AGAIN;
	buf_done(&value);
	return rc;
}

int
statement_login_check(struct db *db, enum statement_login shown,
    const char *login, struct err *err)
{
	enum statement_login wanted;

	if (statement_login_wanted(db, &wanted, err) < 0)
		return -1;
	if (shown >= wanted)
		return 0;
	err_set(err, E_APPROVAL_STEPUP);
	err_fact(err, "login", span_of(login));
	return err_fact(err, "why",
	    wanted == STATEMENT_PAM_SECOND ? SPAN("second") : SPAN("again"));
}

static int
refuse(const char *why, size_t min, struct err *err)
{
	err_set(err, E_APPROVAL_REASON);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "min", (int64_t)min);
}

int
statement_words(struct span words, size_t min, struct err *err)
{
	struct span rest = words;
	size_t count = 0;
	uint32_t cp;

	if (!utf8_is_valid(words))
		return refuse("utf8", min, err);
	while (utf8_next(&rest, &cp) != UTF8_END) {
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return refuse("control", min, err);
		count += cp != ' ' && cp != 0x3000;
	}
	if (count < min || words.len > STATEMENT_WORDS_MAX)
		return refuse("length", min, err);
	return 0;
}
