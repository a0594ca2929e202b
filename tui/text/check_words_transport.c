/* What the checks say that are about: the way to the relay and on. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const char *
level_text(struct span level)
{
	if (span_equal(level, SPAN("verify")))
		return _("TLS is required and the relay's name is verified");
	if (span_equal(level, SPAN("implicit")))
		return _("TLS from the first octet, the relay's name is "
			 "verified");
	if (span_equal(level, SPAN("none")))
		return _("no TLS, on this machine only");
	return _("TLS without verifying who answers");
}

static void
say_relay(const struct check_result *result, struct buf *out)
{
	struct span tls = check_fact(result, "tls"),
		    cipher = check_fact(result, "cipher");
	struct span peer = check_fact(result, "peer");
	int64_t relays = check_number(result, "relays");

	if (result->state == CHECK_FAIL)
		buf_printf(out, _("It is the relay %.*s."),
		    SPAN_ARG(check_fact(result, "relay")));
	else if (relays > 1)
		buf_printf(out,
		    P_("%lld relay answers.", "%lld relays answer.", relays),
		    (long long)relays);
	else if (span_equal(tls, SPAN("none")))
		buf_printf(
		    out, _("%.*s answers, without TLS."), SPAN_ARG(peer));
	else
		buf_printf(out, _("%.*s answers over %.*s (%.*s)."),
		    SPAN_ARG(peer), SPAN_ARG(tls), SPAN_ARG(cipher));
}

static void
say_level(const struct check_result *result, struct buf *out)
{
	buf_printf(out, _("Relay %.*s: %s."),
	    SPAN_ARG(check_fact(result, "relay")),
	    level_text(check_fact(result, "level")));
}

static void
say_certificate(const struct check_result *result, struct buf *out)
{
	int64_t hours = check_number(result, "hours");
	int64_t days = hours ? hours / 24 : check_number(result, "days");

	if (days)
		buf_printf(out,
		    P_("The first one ends in %lld day.",
			"The first one ends in %lld days.", days),
		    (long long)days);
	else if (hours)
		buf_printf(out,
		    P_("The first one ends in %lld hour.",
			"The first one ends in %lld hours.", hours),
		    (long long)hours);
}

static const struct check_words words[] = {
    {"TS-01", N_("the way to the relay is verified"),
	N_("The relay's TLS level is too weak. Choose \"verify\" in "
	   "Setup, with the relay's own authority if it has one."),
	say_level},
    {"TS-02", N_("the relay answers and takes our mail"),
	N_("The relay did not answer as it must. See the reason, mend "
	   "it in Setup, and run the checks again."),
	say_relay},
    {"TS-03", N_("the relay's certificate lasts a day"),
	N_("Within a day nobody can verify the relay any more. Have its "
	   "certificate renewed, then run the checks again."),
	say_certificate},
    {"TS-03W", N_("the relay's certificate lasts and is known"),
	N_("It ends within two weeks, or its key is none of those that Setup "
	   "names. Ask the relay's operator, then say what they said: at least "
	   "10 characters, kept with your name."),
	say_certificate},
    {"TS-04", N_("how the relay passes mail on is known"),
	N_("Behind the relay nothing can be seen from here. Ask its operator "
	   "whether it passes mail on over TLS, then say what they said: at "
	   "least 10 characters, kept with your name."),
	NULL},
    {"TS-05", N_("S/MIME certificates and REQUIRETLS fit"),
	N_("The sender's certificate is not for the From address or does not "
	   "hold, or a recipient who must get encrypted mail has none. Choose "
	   "another certificate, import the missing ones, or encrypt only "
	   "where it can be done. A relay that does not offer REQUIRETLS "
	   "carries nothing confidential: choose another one, or change the "
	   "campaign if it is not."),
	NULL},
    {"TS-05W", N_("S/MIME: the certificate lasts"),
	N_("The sender's certificate expires within 30 days. Renew it, or "
	   "say why you send with it: at least 10 characters, kept with your "
	   "name."),
	NULL},
};

static const struct check_finding findings[] = {
    {"requiretls_lacks", N_("does not offer REQUIRETLS")},
    {"requiretls_unsaid", N_("did not say whether it offers REQUIRETLS")},
    {"expires", N_("it expires within 30 days")},
    {"hours", N_("the certificate of a relay ends within a day")},
    {"fortnight", N_("the certificate of a relay ends within two weeks")},
    {"unpinned", N_("the key of a relay is none of those that Setup names")},
    {"direct",
	N_("mail goes straight to its receivers, who judge this computer by "
	   "its address: its name must lead to it and back (PTR), SPF must "
	   "name it, port 25 must be open. Say that all this is so")},
};

const struct check_chapter check_transport = {N_("Transport"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
