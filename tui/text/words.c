/* Words that core puts into errors, by the fact they stand in; a row with a
 * code wins over one that is for all codes.  A class of replies is told as what
 * happened, what it means, what to do, and which check finds it. */
#include "tui/text/words.h"

#include "tui/text/i18n.h"

static const struct {
	enum err_code code; /* E_NONE: all */
	const char *fact, *value, *phrase;
} words[] = {
    {E_ADDRESS_SYNTAX, "why", "at", N_("it needs exactly one @")},
    {E_ADDRESS_SYNTAX, "why", "dots", N_("its dots are misplaced")},
    {E_ADDRESS_SYNTAX, "why", "literal",
	N_("it has a number in place of the domain")},
    {E_ADDRESS_SYNTAX, "why", "local",
	N_("the part before the @ is not right")},
    {E_ADDRESS_SYNTAX, "why", "mailto",
	N_("\"mailto:\" does not belong to it")},
    {E_ADDRESS_SYNTAX, "why", "name", N_("a name stands around it")},
    {E_ADDRESS_SYNTAX, "why", "quote", N_("its quotation marks do not fit")},
    {E_ADDRESS_SYNTAX, "why", "space", N_("it holds a blank")},
    {E_ADDRESS_SYNTAX, "why", "tail", N_("a mark stands behind it")},
    {E_ADDRESS_SYNTAX, "why", "two", N_("there are two addresses in it")},
    {E_ATTACH_FILE, "why", "kind", N_("it is no ordinary file")},
    {E_ATTACH_FILE, "why", "changed", N_("it changed while it was read")},
    {E_ATTACH_FILE, "why", "empty", N_("it is empty or has no name")},
    {E_ATTACH_FILE, "why", "slash", N_("its name holds a slash")},
    {E_ATTACH_FILE, "why", "length", N_("its name is too long")},
    {E_ATTACH_FILE, "why", "dots",
	N_("its name begins or ends with a dot or a blank")},
    {E_ATTACH_FILE, "why", "direction",
	N_("its name holds characters that turn the direction of writing")},
    {E_ATTACH_FILE, "why", "utf8", N_("its name is not UTF-8")},
    {E_ATTACH_FILE, "why", "twice", N_("one of this name is there already")},
    {E_ATTACH_FILE, "why", "image",
	N_("it is no image that mail programs show")},
    {E_ATTACH_REFUSED, "why", "empty", N_("it is empty")},
    {E_ATTACH_REFUSED, "why", "program",
	N_("programs and scripts are not sent by mail")},
    {E_ATTACH_REFUSED, "why", "macro", N_("it holds macros")},
    {E_ATTACH_REFUSED, "why", "encrypted",
	N_("no filter can look into what has a password; send a link "
	   "instead")},
    {E_ATTACH_REFUSED, "why", "closed",
	N_("nobody can look into it on the way; send what is in it")},
    {E_ATTACH_REFUSED, "why", "packed", N_("there is a program in it")},
    {E_ATTACH_REFUSED, "why", "active", N_("there is a script or form in it")},
    {E_ATTACH_REFUSED, "why", "damaged", N_("it is damaged")},
    {E_ATTACH_REFUSED, "why", "name",
	N_("its name says that it is another kind of file")},
    {E_ATTACH_PATTERN, "why", "open", N_("a {{ or }} is missing")},
    {E_ATTACH_PATTERN, "why", "field", N_("a field has no name")},
    {E_ATTACH_PATTERN, "why", "beside",
	N_("between two fields there must be words")},
    {E_ATTACH_PATTERN, "why", "slash", N_("it holds a slash")},
    {E_ATTACH_PATTERN, "why", "length", N_("it is too long")},
    {E_ATTACH_PATTERN, "why", "many", N_("it has more than 8 fields")},
    {E_ATTACH_PATTERN, "why", "none", N_("it has no field")},
    {E_ATTACH_MANIFEST, "why", "columns", N_("there must be three columns")},
    {E_ATTACH_MANIFEST, "why", "header",
	N_("the first line must name the field, \"file\" and \"sha256\"")},
    {E_ATTACH_MANIFEST, "why", "key", N_("it does not tell the recipient")},
    {E_ATTACH_MANIFEST, "why", "file", N_("this is no name of a file")},
    {E_ATTACH_MANIFEST, "why", "sha256",
	N_("the SHA-256 is not 64 hexadecimal digits")},
    {E_ATTACH_MANIFEST, "why", "digest", N_("the file has another SHA-256")},
    {E_ATTACH_MANIFEST, "why", "twice",
	N_("there is a file for this recipient already")},
    {E_COMMAND_OUTPUT, "why", "long", N_("it is too long")},
    {E_COMMAND_PATH, "why", "absolute",
	N_("its whole path from / on is needed")},
    {E_COMMAND_PATH, "why", "missing", N_("there is no such file")},
    {E_COMMAND_PATH, "why", "kind", N_("it is no program")},
    {E_COMMAND_PATH, "why", "mode", N_("it may not be executed")},
    {E_COMMAND_PATH, "why", "owner",
	N_("it belongs neither to root nor to you")},
    {E_COMMAND_PATH, "why", "writable", N_("others can change it")},
    {E_COMMAND_PATH, "why", "folder",
	N_("others can replace what lies in this folder")},
    {E_IMPORT_MAPPING, "why", "field_empty", N_("the field has no name")},
    {E_IMPORT_MAPPING, "why", "field_character",
	N_("the field's name holds a sign other than - and _")},
    {E_IMPORT_MAPPING, "why", "field_reserved",
	N_("the field's name is one of the program's own")},
    {E_IMPORT_MAPPING, "why", "field_twice",
	N_("another column has the same field")},
    {E_IMPORT_MAPPING, "why", "address_twice",
	N_("another column is the address")},
    {E_LIST_NAME, "why", "taken", N_("another list has this name")},
    {E_MERGE_SYNTAX, "why", "block", N_("blocks do not exist here")},
    {E_MAIL_THEME, "why", "before", N_("a [section] must come first.")},
    {E_MAIL_THEME, "why", "color",
	N_("a colour is #rrggbb; two of them, light / dark.")},
    {E_MAIL_THEME, "why", "control", N_("it holds a control character.")},
    {E_MAIL_THEME, "why", "equals", N_("a line is name = value.")},
    {E_MAIL_THEME, "why", "kind", N_("[theme] must hold kind = mail.")},
    {E_MAIL_THEME, "why", "length", N_("it is too long.")},
    {E_MAIL_THEME, "why", "name", N_("there is no such name here.")},
    {E_MAIL_THEME, "why", "number", N_("a number is needed:")},
    {E_MAIL_THEME, "why", "section", N_("there is no such section.")},
    {E_MAIL_THEME, "why", "twice", N_("it is given twice.")},
    {E_MAIL_THEME, "why", "word", N_("one of these is needed:")},
    {E_MAIL_THEME_CONTRAST, "scheme", "light", N_("light")},
    {E_MAIL_THEME_CONTRAST, "scheme", "dark", N_("dark")},
    {E_MERGE_SYNTAX, "why", "count", N_("there are too many")},
    {E_MERGE_SYNTAX, "why", "crossed",
	N_("another section is still open inside this one")},
    {E_MERGE_SYNTAX, "why", "delimiter", N_("the braces cannot be changed")},
    {E_MERGE_SYNTAX, "why", "depth", N_("too many sections inside each other")},
    {E_MERGE_SYNTAX, "why", "fallback", N_("a section has no fallback")},
    {E_MERGE_SYNTAX, "why", "format", N_("the format is not right")},
    {E_MERGE_SYNTAX, "why", "nested", N_("one stands inside another")},
    {E_MERGE_SYNTAX, "why", "name", N_("the name is not right")},
    {E_MERGE_SYNTAX, "why", "open", N_("}} is missing")},
    {E_MERGE_SYNTAX, "why", "partial", N_("other texts cannot be included")},
    {E_MERGE_SYNTAX, "why", "unclosed", N_("the section is not closed")},
    {E_MERGE_SYNTAX, "why", "unescaped",
	N_("values are always escaped, and cannot be put in raw")},
    {E_MERGE_SYNTAX, "why", "unopened", N_("no such section is open")},
    {E_MARKDOWN, "why", "cells", N_("the row has more cells than its table")},
    {E_MARKDOWN, "why", "depth",
	N_("lists and quotations are nested too deeply")},
    {E_MARKDOWN, "why", "section",
	N_("the section does not end in the element in which it begins")},
    {E_MERGE_VALUE, "why", "date",
	N_("it cannot be read as a date (2026-11-25 or 2026/11/25)")},
    {E_MERGE_VALUE, "why", "list", N_("it is a list, not a text")},
    {E_MERGE_VALUE, "why", "number",
	N_("it cannot be read as a number (1200 or 1,200)")},
    {E_MERGE_VALUE, "why", "size", N_("its lists make the message too long")},
    {E_PAM_ACCOUNT, "why", "expired", N_("it has expired")},
    {E_PAM_ACCOUNT, "why", "refused", N_("the system does not allow it")},
    {E_REVIEW_ANSWER, "why", "short", N_("it needs at least 10 characters")},
    {E_REVIEW_ANSWER, "why", "long", N_("it is too long")},
    {E_REVIEW_ANSWER, "why", "character", N_("it holds a control character")},
    {E_REVIEW_ANSWER, "why", "none", N_("this line takes no answer")},
    {E_REVIEW_ANSWER, "why", "codes",
	N_("it needs two codes of six letters and digits")},
    {E_TEST_STAFF, "why", "none", N_("nobody is marked")},
    {E_TEST_STAFF, "why", "many", N_("too many are marked")},
    {E_TEST_STAFF, "why", "twice", N_("somebody is marked twice")},
    {E_TEST_CLEARANCE, "why", "used", N_("its permission is used up")},
    {E_TEST_CLEARANCE, "why", "late",
	N_("its permission is older than five minutes")},
    {E_TEST_CLEARANCE, "why", "content",
	N_("the campaign was changed meanwhile")},
    {E_TEST_CLEARANCE, "why", "staff", N_("the staff was changed meanwhile")},
    {E_SASL_SERVER, "why", "iterations", N_("its iteration count")},
    {E_SASL_SERVER, "why", "nonce", N_("its nonce")},
    {E_SASL_SERVER, "why", "signature", N_("its signature")},
    {E_SASL_SERVER, "why", "syntax", N_("its answer cannot be read")},
    {E_SMIME_FILE, "why", "size", N_("it is empty or too large")},
    {E_SMIME_FILE, "why", "format",
	N_("it is no file of certificates that is known here")},
    {E_SMIME_FILE, "why", "passphrase", N_("the passphrase is not right")},
    {E_SMIME_FILE, "why", "algorithm",
	N_("it is encrypted in an old way that OpenSSL here cannot read; "
	   "export it again with AES, or install OpenSSL's legacy provider")},
    {E_SMIME_FILE, "why", "key", N_("its key cannot be read")},
    {E_SMIME_FILE, "why", "certificate",
	N_("its certificate cannot be read or does not fit the key")},
    {E_SMIME_FILE, "why", "many", N_("it holds too many certificates")},
    {E_SMIME_CERTIFICATE, "why", "address",
	N_("it is made out to another address")},
    {E_SMIME_CERTIFICATE, "why", "usage",
	N_("it is not made for this purpose")},
    {E_SMIME_CERTIFICATE, "why", "key", N_("its key is too weak or unusual")},
    {E_SMIME_CERTIFICATE, "why", "early", N_("it is not valid yet")},
    {E_SMIME_CERTIFICATE, "why", "expired", N_("it has expired")},
    {E_SMIME_IDENTITY, "why", "missing", N_("it is not in the store")},
    {E_SMIME_IDENTITY, "why", "changed",
	N_("it has changed since the campaign was reviewed")},
    {E_SMIME_IDENTITY, "why", "taken", N_("it is in the store already")},
    {E_SMIME_IDENTITY, "why", "used",
	N_("a sealed or running campaign signs with it")},
    {E_TLS_DOWNGRADE, "what", "starttls", N_("no STARTTLS")},
    {E_TLS_DOWNGRADE, "what", "tls13", N_("no TLS 1.3")},
    {E_TLS_DOWNGRADE, "what", "scram", N_("no SCRAM sign-in")},
    {E_NONE, "why", "character",
	N_("it holds a character that is not allowed")},
    {E_NONE, "why", "control", N_("it holds a control character")},
    {E_NONE, "why", "depth", N_("too deep")},
    {E_NONE, "why", "empty", N_("it is empty")},
    {E_NONE, "why", "encoding", N_("it is not valid UTF-8")},
    {E_NONE, "why", "length", N_("it is too long")},
    {E_NONE, "why", "range", N_("it is out of range")},
    {E_NONE, "why", "utf8", N_("it is not valid UTF-8")},
    {E_CAMPAIGN_FIELD, "field", "name", N_("Name")},
    {E_CAMPAIGN_FIELD, "field", "from_name", N_("From, name")},
    {E_CAMPAIGN_FIELD, "field", "from_address", N_("From, address")},
    {E_CAMPAIGN_FIELD, "field", "reply_to", N_("Reply-To")},
    {E_CAMPAIGN_FIELD, "field", "subject", N_("Subject")},
    {E_CAMPAIGN_FIELD, "field", "body", N_("Text")},
    {E_CAMPAIGN_FIELD, "field", "preheader", N_("Preheader")},
    {E_CAMPAIGN_FIELD, "field", "theme", N_("Theme")},
    {E_CAMPAIGN_FIELD, "field", "theme_text", N_("Theme")},
    {E_CAMPAIGN_FIELD, "field", "language", N_("Language")},
    {E_CAMPAIGN_FIELD, "field", "charset", N_("Encoding")},
    {E_CAMPAIGN_FIELD, "field", "encrypt", N_("Encryption")},
    {E_SNIPPET_FIELD, "field", "name", N_("Name")},
    {E_SNIPPET_FIELD, "field", "body", N_("Text")},
    {E_SNIPPET_FIELD, "why", "taken", N_("another one is called so")},
    {E_NONE, "part", "subject", N_("subject")},
    {E_NONE, "part", "text", N_("text")},
    {E_CAMPAIGN_STATE, "state", "draft", N_("draft")},
    {E_CAMPAIGN_STATE, "state", "sealed", N_("sealed")},
    {E_CAMPAIGN_STATE, "state", "running", N_("sending")},
    {E_CAMPAIGN_STATE, "state", "done", N_("sent")},
    {E_CAMPAIGN_STATE, "state", "stopped", N_("stopped")},
    {E_CAMPAIGN_STATE, "state", "template", N_("a template")},
    {E_CAMPAIGN_STATE, "wanted", "draft", N_("draft")},
    {E_CAMPAIGN_STATE, "wanted", "sealed", N_("sealed")},
    {E_CAMPAIGN_STATE, "wanted", "running", N_("sending")},
    {E_RUN_GUARD, "class", "H1",
	N_("Too many addresses do not exist (H1). The list is old or not "
	   "your own: sending on ruins your reputation with every "
	   "provider. Find out where the list comes from, take out the "
	   "addresses that failed, run the checks again (LC-01), then go "
	   "on.")},
    {E_RUN_GUARD, "class", "H2",
	N_("Many domains take no mail (H2). The list is old, or your "
	   "name server gives wrong answers. Look at some of the failed "
	   "domains before you go on.")},
    {E_RUN_GUARD, "class", "H3",
	N_("Many mailboxes are closed (H3). The list is old. They are "
	   "put on the stop list when it happens again; you may go on.")},
    {E_RUN_GUARD, "class", "H4",
	N_("Recipients have set their mailboxes to refuse this mail "
	   "(H4). Nothing is broken; ask yourself whether they expect it.")},
    {E_RUN_GUARD, "class", "S1",
	N_("Mailboxes are full (S1). Nothing is to be done: the program "
	   "tries again until the time is over.")},
    {E_RUN_GUARD, "class", "S2",
	N_("Receivers ask for a second try (S2, greylisting). Nothing is "
	   "to be done: the program tries again in some minutes.")},
    {E_RUN_GUARD, "class", "S3",
	N_("The receiver says: too fast (S3). The rate was halved and "
	   "this provider waits for a while. When it happens every time, "
	   "lower the limit in Setup.")},
    {E_RUN_GUARD, "class", "S4",
	N_("The receiver is out of order for now (S4). Nothing is to be "
	   "done: the program tries again.")},
    {E_RUN_GUARD, "class", "P1",
	N_("The receiver blocks your address on the network for its "
	   "reputation (P1). The recipients are not at fault and keep "
	   "waiting. Open the page that the reply names, ask to be taken "
	   "off the list, and find out what caused it before you go on.")},
    {E_RUN_GUARD, "class", "P2",
	N_("The receiver takes the text for spam or harmful (P2). Look "
	   "at links, pictures and wording, and send yourself a test; "
	   "the copies refused are not sent again.")},
    {E_RUN_GUARD, "class", "P3",
	N_("The receiver does not believe that the mail is from you (P3: "
	   "SPF, DKIM, DMARC, host name or TLS). Every further mail "
	   "would be refused too. Mend the DNS record that the reply "
	   "names, check the signature (HD-06) and the relay (TS-01), "
	   "then go on; those waiting are then sent.")},
    {E_RUN_GUARD, "class", "A1",
	N_("The relay refuses our login (A1). It is not tried again, so "
	   "that the account is not locked. Correct user name and "
	   "password in Setup, test the relay there (TS-02), then go on.")},
    {E_RUN_GUARD, "class", "A2",
	N_("The relay's quota for us is used up (A2). It rests until the "
	   "quota is granted anew; nothing is lost. Ask the provider for "
	   "more, or add another relay in Setup.")},
    {E_RUN_GUARD, "class", "A3",
	N_("The relay does not let us send as this sender or to these "
	   "recipients (A3). Ask its operator to allow the sender's "
	   "address, or choose another relay; check the sender (HD-01) "
	   "and the relay (TS-02), then go on.")},
    {E_RUN_GUARD, "class", "F1",
	N_("The receiver does not understand us (F1: format or "
	   "protocol). This is a defect of Sekisho or of the relay, not "
	   "of the recipients. Write down the reply and report it; check "
	   "HD-05.")},
    {E_RUN_GUARD, "class", "F2",
	N_("Every message is too big for the receiver (F2). Make the "
	   "text smaller (CM-09) and copy the campaign.")},
    {E_RUN_GUARD, "class", "T",
	N_("The wanted encryption cannot be had (T). Nothing is sent in "
	   "the clear; this relay waits. Check its certificate and TLS "
	   "level (TS-01).")},
    {E_RUN_GUARD, "class", "X",
	N_("Time or tries ran out (X). These were refused for now until "
	   "it was too late; send them a copy when it still makes sense.")},
    {E_RUN_GUARD, "class", "U",
	N_("Replies that no rule knows come too often (U). Read them "
	   "under Reports, Unknown replies, say what they mean, then go "
	   "on.")},
    {E_RUN_GUARD, "class", "burst",
	N_("Nearly a third of the last mails were refused, for various "
	   "reasons. Look at the replies below before more are lost; "
	   "often the list or the relay is the wrong one.")},
    {E_REPLY_RULE, "field", "class", N_("meaning")},
    {E_REPLY_RULE, "field", "code", N_("code")},
    {E_REPLY_RULE, "field", "text", N_("text")},
    {E_REPLY_RULE, "why", "short", N_("four letters in a row must be in it")},
};

const char *
err_word(enum err_code code, struct span fact, const char *value)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if ((words[i].code == code || words[i].code == E_NONE) &&
		    span_equal(fact, span_of(words[i].fact)) &&
		    strcmp(value, words[i].value) == 0)
			return _(words[i].phrase);
	}
	return NULL;
}
