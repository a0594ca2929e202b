/* The words of the DNS doctor: a sentence for each of its codes, and for those
 * that somebody can mend, what to do. */
#include "tui/text/doctor_text.h"

#include <assert.h>

#include "tui/text/i18n.h"

static const struct {
	const char *text, *advice;
} codes[] = {
    [DOCTOR_DNS_LATER] = {N_("no answer from DNS"),
	N_("Name servers did not answer. Look again later; a mail server "
	   "that asks now has the same trouble.")},
    [DOCTOR_DNS_BOGUS] = {N_("DNSSEC is broken: nobody believes it"),
	N_("The signatures of the zone do not hold. Receivers that validate "
	   "treat the domain as if it had no answer: repair the zone first.")},
    [DOCTOR_NO_EGRESS] = {N_("where mail leaves from is not known"),
	N_("Write the addresses that receivers see into the settings (s). A "
	   "relay's operator knows them; so does the Received line of a test "
	   "mail.")},
    [DOCTOR_SPF_PASS] = {N_("SPF passes"), NULL},
    [DOCTOR_SPF_MISSING] = {N_("there is no SPF record"),
	N_("Publish the record. Whoever else sends for the domain has to be "
	   "in it, too.")},
    [DOCTOR_SPF_NXDOMAIN] = {N_("the domain does not exist"),
	N_("Register the domain, or correct the sender in Setup.")},
    [DOCTOR_SPF_SEVERAL] = {N_("there is more than one SPF record"),
	N_("Two records are an error for every receiver. Put them together "
	   "into the one shown and delete the others.")},
    [DOCTOR_SPF_SYNTAX] = {N_("the SPF record cannot be read"),
	N_("Correct the term that is named. Until then SPF fails for "
	   "everybody.")},
    [DOCTOR_SPF_LOOKUPS] = {N_("SPF asks DNS more than 10 times"),
	N_("Take out an include that is not needed, or write addresses in "
	   "its place. Receivers stop at 10 and take it as an error.")},
    [DOCTOR_SPF_VOIDS] = {N_("SPF asks for names that are not there"),
	N_("Take out the terms whose names have no address. Receivers stop "
	   "after two.")},
    [DOCTOR_SPF_DENIED] = {N_("SPF does not let this address send"),
	N_("Publish the record that is shown: it holds the address as "
	   "well.")},
    [DOCTOR_SPF_PLUS_ALL] = {N_("SPF lets everybody send"),
	N_("Such a record protects nobody, and some receivers count it "
	   "against the sender. End it with ~all or -all.")},
    [DOCTOR_SPF_PTR] = {N_("SPF uses ptr, which is not to be used"),
	N_("Write the addresses themselves in its place (RFC 7208 section "
	   "5.5).")},
    [DOCTOR_SPF_READ] = {N_("the record is in order in itself"), NULL},
    [DOCTOR_DKIM_GOOD] = {N_("the record is our key"), NULL},
    [DOCTOR_DKIM_NO_KEY] = {N_("no key signs for this domain"),
	N_("Make a key in Setup > DKIM keys, unless the relay signs.")},
    [DOCTOR_DKIM_MISSING] = {N_("the DKIM record is not there"),
	N_("Publish the record. Until then no signature can be checked.")},
    [DOCTOR_DKIM_SEVERAL] = {N_("there is more than one DKIM record"),
	N_("Leave the one that is shown. Which one a receiver takes is left "
	   "to chance.")},
    [DOCTOR_DKIM_SYNTAX] = {N_("this is no DKIM record"),
	N_("Publish the record that is shown in its place. A wildcard in "
	   "the zone may have answered.")},
    [DOCTOR_DKIM_REVOKED] = {N_("the record says the key is revoked"),
	N_("Publish the record of our key, or make a new key with another "
	   "selector.")},
    [DOCTOR_DKIM_DIFFERS] = {N_("the record is another key than ours"),
	N_("Every signature fails. Publish the record of our key.")},
    [DOCTOR_DKIM_TESTING] = {N_("t=y: receivers ignore the signature"),
	N_("Publish the record without t=y.")},
    [DOCTOR_DKIM_LIMITED] = {N_("the record does not allow our signature"),
	N_("Publish the record that is shown: without h= and s=.")},
    [DOCTOR_DKIM_WEAK] = {N_("the key is shorter than 1024 bits"),
	N_("Make a new key; receivers must not accept this one (RFC "
	   "8301).")},
    [DOCTOR_DKIM_SHORT] = {N_("the key is shorter than 2048 bits"),
	N_("Make a new key with another selector.")},
    [DOCTOR_KEY_YOUNG] = {N_("the key is young enough"), NULL},
    [DOCTOR_KEY_OLD] = {N_("the key is older than a year"),
	N_("Make a new key with another selector; leave the old record in "
	   "DNS for a week.")},
    [DOCTOR_DMARC_GOOD] = {N_("DMARC protects the domain"), NULL},
    [DOCTOR_DMARC_MISSING] = {N_("there is no DMARC record"),
	N_("Publish the record, and make the mailbox for the reports.")},
    [DOCTOR_DMARC_SEVERAL] = {N_("there is more than one DMARC record"),
	N_("Two records count as none. Delete all but the one shown.")},
    [DOCTOR_DMARC_SYNTAX] = {N_("the DMARC record cannot be read"),
	N_("Publish the record that is shown in its place.")},
    [DOCTOR_DMARC_NONE] = {N_("p=none: forged mail is delivered"),
	N_("When the reports show that all of your own mail passes, publish "
	   "the record that is shown.")},
    [DOCTOR_DMARC_TESTING] = {N_("t=y: the policy is only tried out"),
	N_("When the reports are good, publish the record that is shown.")},
    [DOCTOR_DMARC_SAVED] = {N_("no readable policy: taken as p=none"),
	N_("Publish the record that is shown.")},
    [DOCTOR_DMARC_NO_RUA] = {N_("nobody gets DMARC's reports"),
	N_("Publish the record that is shown, and make the mailbox.")},
    [DOCTOR_DMARC_BAD_TAG] = {N_("a tag of the DMARC record is wrong"),
	N_("Correct the tag; until then its default counts.")},
    [DOCTOR_DMARC_OLD_TAG] = {N_("a tag that DMARC no longer has"),
	N_("It can be taken out (RFC 9989).")},
    [DOCTOR_ALIGN_DKIM] = {N_("DKIM is aligned with From"), NULL},
    [DOCTOR_ALIGN_NO_DKIM] = {N_("DKIM is not aligned with From"),
	N_("Make a key for the From domain in Setup > DKIM keys.")},
    [DOCTOR_ALIGN_SPF] = {N_("SPF is aligned with From"), NULL},
    [DOCTOR_ALIGN_NO_SPF] = {N_("SPF is not aligned with From"),
	N_("Choose a bounce domain within the From domain, and publish SPF "
	   "there.")},
    [DOCTOR_RUA_OWN] = {N_("reports stay in the house"), NULL},
    [DOCTOR_RUA_ALLOWED] = {N_("the other domain takes the reports"), NULL},
    [DOCTOR_RUA_MISSING] = {N_("the other domain does not take reports"),
	N_("The record that is shown has to be published by that domain, or "
	   "no report is sent.")},
    [DOCTOR_RUA_SYNTAX] = {N_("this is no address for reports"),
	N_("Write it as mailto:name@domain.")},
    [DOCTOR_MAIL_MX] = {N_("the domain takes mail"), NULL},
    [DOCTOR_MAIL_ADDRESS] = {N_("takes mail at its own address"), NULL},
    [DOCTOR_MAIL_NULL] = {N_("the domain says it takes no mail"),
	N_("Receivers refuse senders whom nobody can answer. Publish an MX "
	   "in the place of \"0 .\".")},
    [DOCTOR_MAIL_NONE] = {N_("the domain has no mail host"),
	N_("Publish an MX record: bounces and answers go there.")},
    [DOCTOR_MAIL_NXDOMAIN] = {N_("the domain does not exist"),
	N_("Register the domain, or correct it in Setup.")},
    [DOCTOR_MAIL_UNUSABLE] = {N_("its mail host has no address"),
	N_("Correct the MX record, or give its host an address.")},
    [DOCTOR_PTR_GOOD] = {N_("its name leads back to it"), NULL},
    [DOCTOR_PTR_MISSING] = {N_("the address has no name"),
	N_("Have the record made by whoever gave you the address. Gmail and "
	   "others refuse hosts without one.")},
    [DOCTOR_PTR_FORWARD] = {N_("its name does not lead back to it"),
	N_("Give the name this address, or the address another name.")},
    [DOCTOR_EHLO_GOOD] = {N_("our EHLO name exists"), NULL},
    [DOCTOR_EHLO_NAME] = {N_("our EHLO name is no host name"),
	N_("Write a full host name into ehlo.name.")},
    [DOCTOR_EHLO_MISSING] = {N_("our EHLO name has no address"),
	N_("Publish the record, or choose a name that exists.")},
    [DOCTOR_EHLO_OTHER] = {N_("our EHLO name leads elsewhere"),
	N_("Some receivers compare. Best is the name that the address "
	   "has.")},
    [DOCTOR_STS_ENFORCE] = {"MTA-STS: enforce", NULL},
    [DOCTOR_STS_TESTING] = {"MTA-STS: testing", NULL},
    [DOCTOR_STS_ANNOUNCED] = {N_("MTA-STS is announced"), NULL},
    [DOCTOR_STS_BROKEN] = {N_("MTA-STS is broken"),
	N_("The record or the policy behind it cannot be used.")},
    [DOCTOR_STS_NONE] = {N_("no MTA-STS"), NULL},
    [DOCTOR_TLSRPT_GOOD] = {N_("reports about TLS are wanted"), NULL},
    [DOCTOR_TLSRPT_BROKEN] = {N_("the TLSRPT record is broken"),
	N_("Correct it: v=TLSRPTv1; rua=mailto:name@domain.")},
    [DOCTOR_TLSRPT_NONE] = {N_("no reports about TLS"), NULL},
    [DOCTOR_DANE_GOOD] = {N_("DANE protects the mail host"), NULL},
    [DOCTOR_DANE_UNUSABLE] = {N_("no TLSA record can be used"),
	N_("Publish one of usage 3 with a SHA-256 of the key (3 1 1).")},
    [DOCTOR_DANE_NONE] = {N_("no DANE"), NULL},
    [DOCTOR_DNSSEC_SIGNED] = {N_("the zone is signed (DNSSEC)"), NULL},
    [DOCTOR_DNSSEC_NONE] = {N_("the zone is not signed"), NULL},
    [DOCTOR_BIMI_GOOD] = {N_("BIMI names a logo"), NULL},
    [DOCTOR_BIMI_BROKEN] = {N_("the BIMI record is broken"),
	N_("Correct it: v=BIMI1; l=https://...svg")},
    [DOCTOR_BIMI_NONE] = {N_("no BIMI"), NULL},
    [DOCTOR_LIST_CLEAN] = {N_("not on the list"), NULL},
    [DOCTOR_LIST_LISTED] = {N_("on the block list"),
	N_("Find out from the list's page why, end the cause, then ask to be "
	   "taken off.")},
    [DOCTOR_LIST_REFUSED] = {N_("the list does not answer us"),
	N_("This is no listing. Lists refuse public resolvers and heavy use: "
	   "ask through a resolver of your own, or read the list's "
	   "terms.")},
    [DOCTOR_LIST_LATER] = {N_("no answer from the list"), NULL},
    [DOCTOR_LIST_DEAD] = {N_("the list is dead: it was not asked"),
	N_("It failed its self-test (RFC 5782). Take it out of the "
	   "settings (s).")},
    [DOCTOR_LIST_OTHER] = {N_("the list holds no IPv6"), NULL},
    [DOCTOR_LIST_UNASKED] = {N_("no list has told anything"), NULL},
    [DOCTOR_LIST_UNSET] = {N_("no block list is set up"),
	N_("None is asked unless you choose it (s): each question tells the "
	   "list what you send from, and most have terms of use.")},
    [DOCTOR_RECEIVER_FINE] = {N_("nothing speaks against it"), NULL},
    [DOCTOR_RECEIVER_REFUSES] = {N_("would refuse bulk mail"),
	N_("What it lacks is above, with what to do.")},
    [DOCTOR_RECEIVER_DOUBTS] = {N_("may not deliver it"),
	N_("What it lacks is above, with what to do.")},
    [DOCTOR_RECEIVER_UNSURE] = {N_("cannot be said"), NULL},
};
static_assert(
    sizeof codes / sizeof *codes == DOCTOR_CODES, "a sentence for every code");

const char *
doctor_code_text(enum doctor_code code)
{
	return code < DOCTOR_CODES ? _(codes[code].text) : "";
}

const char *
doctor_advice(enum doctor_code code)
{
	return code < DOCTOR_CODES && codes[code].advice ? _(codes[code].advice)
							 : "";
}

const char *
doctor_topic_text(enum doctor_topic topic)
{
	static const char *const headings[] = {
	    [DOCTOR_SPF] = "SPF",
	    [DOCTOR_DKIM] = "DKIM",
	    [DOCTOR_KEY] = "DKIM",
	    [DOCTOR_DMARC] = "DMARC",
	    [DOCTOR_ALIGN] = "DMARC",
	    [DOCTOR_REPORTS] = "DMARC",
	    [DOCTOR_MAIL] = N_("Domains"),
	    [DOCTOR_HOST] = N_("Hosts"),
	    [DOCTOR_EHLO] = N_("Hosts"),
	    [DOCTOR_EXTRA] = N_("Besides"),
	    [DOCTOR_LIST] = N_("Block lists"),
	    [DOCTOR_RECEIVER] = N_("What receivers will make of it"),
	};

	return topic < DOCTOR_TOPICS ? _(headings[topic]) : "";
}

const char *
doctor_fact_text(struct span name)
{
	static const struct {
		const char *name, *text;
	} facts[] = {
	    {"address", N_("Address")},
	    {"at", N_("Record at")},
	    {"bits", N_("Bits")},
	    {"cname", N_("Leads to (CNAME)")},
	    {"count", N_("Number")},
	    {"d", N_("Signs as (d=)")},
	    {"days", N_("Days")},
	    {"domain", N_("Domain")},
	    {"host", N_("Host")},
	    {"kind", N_("Kind")},
	    {"lacks", N_("Lacks")},
	    {"limit", N_("Limit")},
	    {"lookups", N_("Questions to DNS")},
	    {"mode", N_("Mode")},
	    {"name", N_("Asked for")},
	    {"policy", N_("Policy")},
	    {"result", N_("Result")},
	    {"status", N_("DNS says")},
	    {"tag", N_("Tag")},
	    {"term", N_("Term")},
	    {"unsure", N_("Not known")},
	    {"uri", N_("Reports to")},
	    {"value", N_("It answers")},
	    {"voids", N_("Without answer")},
	    {"why", N_("Why")},
	    {"zone", N_("List")},
	};

	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		if (span_equal(name, span_of(facts[i].name)))
			return _(facts[i].text);
	}
	return "";
}

struct span
doctor_subject_text(enum doctor_topic topic, struct span subject)
{
	static const struct {
		const char *word, *text;
	} receivers[] = {
	    {"gmail", "Gmail"},
	    {"yahoo", "Yahoo / AOL"},
	    {"microsoft", "Outlook.com"},
	    {"docomo", N_("docomo")},
	    {"au", N_("au")},
	    {"softbank", N_("SoftBank")},
	};

	if (topic == DOCTOR_LIST && span_equal(subject, SPAN("addresses")))
		return span_of(_("Addresses"));
	if (topic == DOCTOR_LIST && span_equal(subject, SPAN("names")))
		return span_of(_("Names"));
	for (size_t i = 0; i < sizeof receivers / sizeof *receivers; i++) {
		if (topic == DOCTOR_RECEIVER &&
		    span_equal(subject, span_of(receivers[i].word)))
			return span_of(_(receivers[i].text));
	}
	return subject;
}

const char *
doctor_sign_text(enum doctor_sign sign)
{
	static const char *const signs[] = {
	    [DOCTOR_GOOD] = "✓",
	    [DOCTOR_NOTE] = "i",
	    [DOCTOR_UNKNOWN] = "?",
	    [DOCTOR_WARN] = "!",
	    [DOCTOR_BAD] = "✗",
	};

	return sign < DOCTOR_SIGNS ? signs[sign] : "";
}

void
doctor_record_text(const struct doctor_record *record, struct buf *out)
{
	enum { STRING_OCTETS = 60 };
	struct span value = record->value;

	buf_add(out, record->name);
	buf_text(out, ". IN ");
	buf_add(out, record->type);
	if (!span_equal(record->type, SPAN("TXT"))) {
		buf_char(out, ' ');
		buf_add(out, value);
		buf_char(out, '\n');
		return;
	}
	buf_text(out, " (\n");
	for (size_t i = 0; i < value.len; i += STRING_OCTETS) {
		struct span piece = span_slice(value, i, i + STRING_OCTETS);

		buf_text(out, "    \"");
		for (size_t n = 0; n < piece.len; n++) {
			if (piece.ptr[n] == '"' || piece.ptr[n] == '\\')
				buf_char(out, '\\');
			buf_char(out, piece.ptr[n]);
		}
		buf_text(
		    out, i + STRING_OCTETS < value.len ? "\"\n" : "\" )\n");
	}
}
