/* What an import warns of and LC-07 finds again.  The slips of the table are
 * those that real lists have and one edit does not explain; domains that exist
 * in their own right are left alone. */
#include "core/mail/doubtful.h"

#include <stddef.h>

enum { NAME_MIN = 5 /* of the first label, for a slip by one edit */ };

static const char *const roles[] = {"abuse", "bounce", "bounces", "daemon",
    "devnull", "do-not-reply", "donotreply", "hostmaster", "listserv",
    "mailer-daemon", "majordomo", "no-reply", "no_reply", "nobody", "noreply",
    "null", "postmaster", "root", "spam", "unsubscribe", "webmaster"};

/* The providers that most throw-away addresses come from, each with the domains
 * it is known by; there are thousands, and new ones every week. */
static const char *const disposable[] = {"10minutemail.com", "33mail.com",
    "discard.email", "dispostable.com", "emailondeck.com", "fakeinbox.com",
    "getnada.com", "grr.la", "guerrillamail.biz", "guerrillamail.com",
    "guerrillamail.de", "guerrillamail.info", "guerrillamail.net",
    "guerrillamail.org", "guerrillamailblock.com", "instaddr.ch",
    "mailcatch.com", "maildrop.cc", "mailinator.com", "mailinator.net",
    "mailnesia.com", "mailsac.com", "mintemail.com", "mohmal.com",
    "mytemp.email", "pokemail.net", "sharklasers.com", "spamgourmet.com",
    "sute.jp", "temp-mail.io", "temp-mail.org", "tempail.com", "tempinbox.com",
    "tempmail.com", "tempr.email", "throwaway.email", "throwawaymail.com",
    "trash-mail.com", "trashmail.com", "trashmail.de", "yopmail.com",
    "yopmail.fr", "yopmail.net"};

static const char *const known[] = {"gmail.com", "googlemail.com",
    "yahoo.co.jp", "yahoo.com", "yahoo.ne.jp", "ymail.com", "ybb.ne.jp",
    "hotmail.com", "hotmail.co.jp", "outlook.com", "outlook.jp", "live.jp",
    "live.com", "icloud.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com",
    "softbank.ne.jp", "i.softbank.jp", "softbank.jp", "vodafone.ne.jp",
    "ymobile.ne.jp", "ymobile1.ne.jp", "yahoo-mobile.jp", "uqmobile.jp",
    "disney.ne.jp", "rakumail.jp", "nifty.com", "biglobe.ne.jp", "so-net.ne.jp",
    "plala.or.jp", "asahi-net.or.jp", "excite.co.jp", "infoseek.jp",
    "rakuten.jp", "jcom.zaq.ne.jp", "jcom.home.ne.jp", "auone.jp", "dion.ne.jp",
    "wakwak.com", "protonmail.com", "comcast.net", "verizon.net", "wanadoo.fr",
    "orange.fr", "laposte.net", "libero.it", "t-online.de", "btinternet.com",
    "naver.com", "aol.com", "msn.com", "me.com", "mac.com"};

/* One edit away from a known one, and real. */
static const char *const real[] = {"mail.com", "email.com", "gmx.com",
    "outlook.co", "rakuten.ne.jp", "softbank.co.jp", "nifty.ne.jp",
    "disney.co.jp", "excite.com", "range.fr", "naver.co"};

static const struct {
	const char *slip, *meant;
} slips[] = {
    {"docomo.co.jp", "docomo.ne.jp"},
    {"docomo.jp", "docomo.ne.jp"},
    {"docomo.com", "docomo.ne.jp"},
    {"docomo.ne", "docomo.ne.jp"},
    {"ezweb.co.jp", "ezweb.ne.jp"},
    {"ezweb.jp", "ezweb.ne.jp"},
    {"ezweb.ne", "ezweb.ne.jp"},
    {"ezweb.com", "ezweb.ne.jp"},
    {"i.softbank.ne.jp", "i.softbank.jp"},
    {"i.softbank.co.jp", "i.softbank.jp"},
    {"softbank.ne", "softbank.ne.jp"},
    {"yahoo.jp", "yahoo.co.jp"},
    {"yahoo.co", "yahoo.co.jp"},
    {"yahoo.or.jp", "yahoo.co.jp"},
    {"yahoo.com.jp", "yahoo.co.jp"},
    {"gmail.co", "gmail.com"},
    {"gmail.jp", "gmail.com"},
    {"gmail.co.jp", "gmail.com"},
    {"gmail.ne.jp", "gmail.com"},
    {"gmail.con", "gmail.com"},
    {"g-mail.com", "gmail.com"},
    {"icloud.jp", "icloud.com"},
    {"icloud.co.jp", "icloud.com"},
    {"icloud.ne.jp", "icloud.com"},
    {"hotmail.jp", "hotmail.co.jp"},
    {"hotmail.ne.jp", "hotmail.co.jp"},
    {"outlook.ne.jp", "outlook.jp"},
    {"outlook.co.jp", "outlook.jp"},
};

static bool
is_one_of(struct span word, const char *const *all, size_t count)
{
	for (size_t i = 0; word.len && i < count; i++) {
		/* a million rows ask: most are told by the first letter */
		if ((word.ptr[0] | 0x20) == all[i][0] &&
		    span_equal_nocase(word, span_of(all[i])))
			return true;
	}
	return false;
}

bool
doubtful_role(struct span local)
{
	local = span_slice(local, 0, span_index(local, '+'));
	return is_one_of(local, roles, sizeof roles / sizeof *roles);
}

bool
doubtful_disposable(struct span domain)
{
	return is_one_of(
	    domain, disposable, sizeof disposable / sizeof *disposable);
}

/* True when one edit makes one of the other. */
static bool
is_one_edit(struct span a, struct span b)
{
	size_t same = 0;

	if (a.len < b.len) {
		struct span shorter = a;

		a = b;
		b = shorter;
	}
	if (a.len - b.len > 1)
		return false;
	while (same < b.len && a.ptr[same] == b.ptr[same])
		same++;
	if (a.len > b.len)
		return span_equal(
		    span_slice(a, same + 1, a.len), span_slice(b, same, b.len));
	if (same == a.len)
		return false;
	if (span_equal(
		span_slice(a, same + 1, a.len), span_slice(b, same + 1, b.len)))
		return true;
	return same + 1 < a.len && a.ptr[same] == b.ptr[same + 1] &&
	       a.ptr[same + 1] == b.ptr[same] &&
	       span_equal(span_slice(a, same + 2, a.len),
		   span_slice(b, same + 2, b.len));
}

struct span
doubtful_domain(struct span domain)
{
	if (is_one_of(domain, known, sizeof known / sizeof *known))
		return span_make(NULL, 0);
	for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
		if (span_equal(domain, span_of(slips[i].slip)))
			return span_of(slips[i].meant);
	}
	if (is_one_of(domain, real, sizeof real / sizeof *real))
		return span_make(NULL, 0);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct span meant = span_of(known[i]);

		if (span_index(meant, '.') >= NAME_MIN &&
		    is_one_edit(domain, meant))
			return meant;
	}
	return span_make(NULL, 0);
}
